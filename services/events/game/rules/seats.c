// Seats and the waitlist.
#include <string.h>

#include "services/events/game/rules/rules.h"

enum { BURNS_BEFORE_FREEZE = 5 }; // else one person could use up the deals by leaving after each lock

int rules_free_seat(const struct game *game)
{
    for (int i = 0; i < game->terms.max_players; i++)
        if (!game->seats[i]) return i + 1;
    return 0;
}

static void seat_person(struct game *game, struct entries *entries, const char *user_id, const char *username,
                        int seat)
{
    if (game_is_priced(game))
        return rules_add_hold(game, entries, &(struct seating){user_id, username, seat, false});
    ENTRY(entries, game, RESERVED, Reserved, reserved, .user_id = user_id, .username = username,
          .seat = seat);
}

void rules_promote_waiting(struct game *game, struct entries *entries)
{
    if (game->locking) return;
    for (int seat; !entries->failed && game->waiting_count && (seat = rules_free_seat(game));) {
        if (game_is_priced(game) && !rules_can_hold(game)) return;
        struct person next = game->people[game->waiting[0]];
        seat_person(game, entries, next.user_id.text, next.username, seat);
    }
}

static bool has_room(const struct game *game, const char *user_id, struct err *err)
{
    if (strcmp(game->god_id.text, user_id) == 0)
        return err_fail(err, GOD_MAY_NOT_PLAY, "the god of an event does not play in it");
    if (game_assistant(game, user_id) != GAME_NO_ONE)
        return err_fail(err, GOD_MAY_NOT_PLAY, "an assistant of an event does not play in it");
    if (game_person(game, user_id) == GAME_NO_ONE && game->people_count == GAME_MAX_PEOPLE)
        return err_fail(err, LIMIT_REACHED, "too many people came and went");
    if (game_is_priced(game) && !rules_can_hold(game))
        return err_fail(err, LIMIT_REACHED, "too many seats were held");
    if (rules_free_seat(game)) return true;
    if (!game->terms.waitlist)
        return err_fail(err, EVENT_FULL, "all %d seats are taken", game->terms.max_players);
    return game->waiting_count < GAME_MAX_WAITING || err_fail(err, EVENT_FULL, "the waitlist is full");
}

static bool may_enter(const struct game *game, const char *user_id, struct err *err)
{
    int person = game_person(game, user_id);
    if (game_ban(game, user_id)) return err_fail(err, BANNED, "the god of this event keeps you out of it");
    if (person != GAME_NO_ONE && game->people[person].arrivals >= GAME_MAX_ARRIVALS_EACH)
        return err_fail(err, TOO_MANY_CHANGES, "you came to this event %d times", GAME_MAX_ARRIVALS_EACH);
    return has_room(game, user_id, err);
}

// Nobody is held in an event by its god.
static bool may_be_seated(const struct game *game, const char *user_id, struct err *err)
{
    if (game_ban(game, user_id)) return err_fail(err, USER_BANNED, "this user is kept out of the event");
    if (game_has_left(game, user_id))
        return err_fail(err, USER_LEFT, "this user gave their place back, and takes the next one themselves");
    return has_room(game, user_id, err);
}

static void enter_person(struct game *game, struct entries *entries, const char *user_id,
                         const char *username)
{
    int seat = rules_free_seat(game);
    if (seat)
        seat_person(game, entries, user_id, username, seat);
    else
        ENTRY(entries, game, WAITLISTED, Waitlisted, waitlisted, .user_id = user_id, .username = username);
}

// While the lock waits for holds to end, nobody comes, nor before seats can be paid.
static bool need_unlocked(const struct game *game, struct err *err)
{
    if (!rules_need_open(game, err)) return false;
    if (game->locking) return err_fail(err, EVENT_NOT_OPEN, "the event is about to be locked");
    return game_is_payable(game) ||
           err_fail(err, EVENT_NOT_PAYABLE, "the event is still on its way to the cluster");
}

// Whoever has a place, also by the god or by a claim, gives one until the lock; the first one counts.
static bool gives_nonce(const struct game *game, int person, ProtobufCBinaryData nonce)
{
    return nonce.len && !game->people[person].nonce_len && game->state == EVENTS__EVENT__STATE__OPEN;
}

// In the entry an account that took over a seat has the guest's id.
static void add_nonce(struct game *game, struct entries *entries, int person, ProtobufCBinaryData nonce)
{
    struct uuid id = game->people[person].user_id;
    ENTRY(entries, game, NONCE_GIVEN, NonceGiven, nonce_given, .user_id = id.text, .nonce = nonce);
}

bool rules_reserve(struct game *game, struct entries *entries, const char *username,
                   ProtobufCBinaryData nonce, struct err *err)
{
    int person = game_person(game, entries->actor);
    if (game_takes_part(game, person) && !game_over(game)) {
        if (!gives_nonce(game, person, nonce)) return true;
        if (!rules_need_common_room(game, err)) return false;
        add_nonce(game, entries, person, nonce);
        return true;
    }
    if (!need_unlocked(game, err) || !rules_need_common_room(game, err) ||
        !may_enter(game, entries->actor, err))
        return false;
    enter_person(game, entries, entries->actor, username);
    if (nonce.len && !entries->failed) add_nonce(game, entries, game_person(game, entries->actor), nonce);
    return true;
}

bool rules_reserve_for(struct game *game, struct entries *entries, const char *user_id, const char *username,
                       struct err *err)
{
    if (game_takes_part(game, game_person(game, user_id)) && !game_over(game)) return true;
    if (!need_unlocked(game, err) || !rules_need_room(game, err) || !may_be_seated(game, user_id, err))
        return false;
    enter_person(game, entries, user_id, username);
    return true;
}

bool rules_give_seat(struct game *game, struct entries *entries, const char *user_id, const char *username,
                     struct err *err)
{
    if (game_takes_part(game, game_person(game, user_id)) && !game_over(game)) return true;
    if (!need_unlocked(game, err) || !rules_need_room(game, err) || !may_be_seated(game, user_id, err))
        return false;
    int seat = rules_free_seat(game);
    if (!seat) return err_fail(err, EVENT_FULL, "all %d seats are taken", game->terms.max_players);
    rules_add_given(game, entries, &(struct seating){user_id, username, seat, false});
    return true;
}

static bool is_shown(const struct game *game, const char *name)
{
    const struct look wanted = look_of(name);
    for (size_t i = 0; i < game->people_count; i++) {
        if (!game_takes_part(game, (int)i)) continue;
        const struct look look = look_of(person_name(&game->people[i]));
        if (look_alike(&look, &wanted)) return true;
    }
    return false;
}

bool rules_reserve_guest(struct game *game, struct entries *entries, const char *name, struct uuid *guest_id,
                         struct err *err)
{
    uint8_t random[10];
    int seat = rules_free_seat(game);
    if (!need_unlocked(game, err) || !rules_need_room(game, err)) return false;
    if (!look_is_clear(name))
        return err_field(err, INVALID_FIELD, "guest_name",
                         "guest_name has a letter or sign that is seen, nothing like ~, and no space at its "
                         "beginning or end");
    if (is_shown(game, name))
        return err_field(err, USERNAME_TAKEN, "guest_name",
                         "somebody in the event has this name, or one that looks like it");
    if (game->people_count == GAME_MAX_PEOPLE)
        return err_fail(err, LIMIT_REACHED, "too many people came and went");
    if (game_is_priced(game) && !rules_can_hold(game))
        return err_fail(err, LIMIT_REACHED, "too many seats were held");
    if (!seat) return err_fail(err, EVENT_FULL, "all %d seats are taken", game->terms.max_players);
    entries_random(entries, random, sizeof random);
    *guest_id = uuid_make(entries->now_ms, random);
    rules_add_given(game, entries, &(struct seating){guest_id->text, name, seat, true});
    return true;
}

// One with a payment is free when chain says so.
static void give_back(struct game *game, struct entries *entries, int person)
{
    const struct hold *hold = game_hold_of(game, person);
    const struct uuid id = game->people[person].user_id;
    bool owner = person_is(&game->people[person], entries->actor);
    if (!game->people[person].seat) return; // went when the lock did
    if (hold && hold->state != HOLD_CLOSED)
        return rules_end_hold(game, entries, hold,
                              owner ? MONEY__SEAT_ENDING__BY__OWNER : MONEY__SEAT_ENDING__BY__GOD);
    ENTRY(entries, game, SEAT_FREED, SeatFreed, seat_freed, .user_id = id.text);
    rules_promote_waiting(game, entries);
}

bool rules_roster_frozen(const struct game *game)
{
    return game->state == EVENTS__EVENT__STATE__LOCKED && game->burned_count >= BURNS_BEFORE_FREEZE;
}

bool rules_leave(struct game *game, struct entries *entries, const char *user_id,
                 const struct deal_secrets *secrets, struct err *err)
{
    int person = game_person(game, user_id);
    bool seated = person != GAME_NO_ONE && game->people[person].seat;
    if (person == GAME_NO_ONE || (!seated && !game_waiting_place(game, person)))
        return err_fail(err, NOT_FOUND, "there is no such reservation");
    if (!rules_need_not_over(game, err)) return false;
    if (game->state != EVENTS__EVENT__STATE__OPEN && game->state != EVENTS__EVENT__STATE__LOCKED)
        return err_fail(err, EVENT_NOT_OPEN, "the cards are dealt; the event is %s",
                        rules_state_name(game->state));
    const struct uuid id = game->people[person].user_id; // the guest's, of an account that took over a seat
    if (!seated) {
        rules_end_paid_wait(game, entries, person);
        ENTRY(entries, game, WAITLIST_LEFT, WaitlistLeft, waitlist_left, .user_id = id.text);
        return true;
    }
    bool locked = game->state == EVENTS__EVENT__STATE__LOCKED;
    if (rules_roster_frozen(game))
        return err_fail(err, ROSTER_FROZEN, "after %d burned deals nobody leaves while the event is locked",
                        BURNS_BEFORE_FREEZE);
    if (locked && !rules_unlock(game, entries, secrets, err)) return false;
    give_back(game, entries, person);
    return true;
}

static bool check_order(const struct game *game, const char **user_ids, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t before = 0; before < i; before++)
            if (strcmp(user_ids[i], user_ids[before]) == 0)
                return err_field(err, INVALID_FIELD, "user_ids", "somebody is named twice");
        if (game_player(game, user_ids[i]) == GAME_NO_ONE)
            return err_field(err, ROSTER_CHANGED, "user_ids", "somebody who is named has no seat");
    }
    return count == (size_t)game->seats_taken ||
           err_field(err, ROSTER_CHANGED, "user_ids", "somebody with a seat is not named");
}

bool rules_order_seats(struct game *game, struct entries *entries, const char **user_ids, size_t count,
                       struct err *err)
{
    bool same = true;
    if (!rules_need_open(game, err) || !rules_need_room(game, err)) return false;
    if (!check_order(game, user_ids, count, err)) return false;
    for (size_t i = 0; i < count; i++)
        same &= game->people[game_player(game, user_ids[i])].seat == (int)i + 1;
    if (same) return true;
    ENTRY(entries, game, SEATS_ORDERED, SeatsOrdered, seats_ordered, .n_user_ids = count,
          .user_ids = user_ids);
    return true;
}

bool rules_attendance(struct game *game, struct entries *entries, const char *user_id,
                      Events__Attendance__Value attendance, struct err *err)
{
    int player;
    if (!rules_need_not_over(game, err) || !rules_need_room(game, err)) return false;
    if (!rules_need_player(game, user_id, &player, err)) return false;
    if (game->people[player].attendance == attendance) return true;
    ENTRY(entries, game, ATTENDANCE_SET, AttendanceSet, attendance_set, .user_id = user_id,
          .attendance = attendance);
    return true;
}
