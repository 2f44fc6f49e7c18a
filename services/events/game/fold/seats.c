// Who has a seat, who waits for one.
#include "services/events/game/fold/fold.h"

#include <string.h>

static int add_person(struct game *game, const char *user_id, const char *username)
{
    int known = game_person(game, user_id);
    if (known != GAME_NO_ONE) {
        struct person *person = &game->people[known];
        person->look = (struct look){0};
        return fold_short(person->username, sizeof person->username, username) ? known : GAME_NO_ONE;
    }
    if (game->people_count == GAME_MAX_PEOPLE || !uuid_check(user_id)) return GAME_NO_ONE;
    struct person *person = array_add(&game->people, &game->people_count, sizeof *person);
    uint32_t *place = person ? idmap_add(&game->people_by_id, user_id) : NULL;
    if (!place || !fold_id(&person->user_id, user_id) ||
        !fold_short(person->username, sizeof person->username, username))
        return GAME_NO_ONE;
    *place = (uint32_t)game->people_count - 1;
    return (int)*place;
}

static void leave_waitlist(struct game *game, int person)
{
    int place = game_waiting_place(game, person);
    if (!place) return;
    size_t after = game->waiting_count - (size_t)place;
    memmove(&game->waiting[place - 1], &game->waiting[place], after * sizeof *game->waiting);
    game->waiting_count--;
}

static bool join_waitlist(struct game *game, int person, bool first)
{
    if (game->waiting_count == GAME_MAX_WAITING) return false;
    if (!array_add(&game->waiting, &game->waiting_count, sizeof *game->waiting)) return false;
    size_t place = first ? 0 : game->waiting_count - 1;
    memmove(&game->waiting[place + 1], &game->waiting[place],
            (game->waiting_count - 1 - place) * sizeof *game->waiting);
    game->waiting[place] = (uint16_t)person;
    return true;
}

// An account may have left as more people than one: also as guests whose seats it took over.
static void forget_leaving(struct game *game, const char *user_id)
{
    for (size_t i = 0; i < game->people_count; i++)
        if (game->people[i].left && person_is(&game->people[i], user_id)) game->people[i].left = false;
}

// A seat that the god gives is no arrival: it would use up those that a person has.
static void note_arrival(struct game *game, struct person *person, const char *actor)
{
    if (strcmp(person->user_id.text, actor) != 0) return;
    if (person->arrivals < UINT16_MAX) person->arrivals++;
    forget_leaving(game, actor);
}

int fold_take_seat(struct game *game, const Game__Entry *entry, const struct seat_taken *taken)
{
    int person = add_person(game, taken->user_id, taken->username);
    if (person == GAME_NO_ONE || game->people[person].seat) return GAME_NO_ONE;
    if (taken->seat < 1 || taken->seat > GAME_MAX_SEATS || game->seats[taken->seat - 1]) return GAME_NO_ONE;
    if (!game_waiting_place(game, person)) note_arrival(game, &game->people[person], entry->actor);
    leave_waitlist(game, person);
    game->people[person].guest = taken->guest;
    game->people[person].seat = (int16_t)taken->seat;
    game->seats[taken->seat - 1] = (uint16_t)(person + 1);
    game->seats_taken++;
    return person;
}

bool fold_reserved(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__Reserved *reserved = entry->reserved;
    const struct seat_taken taken = {reserved->user_id, reserved->username, reserved->seat, reserved->guest};
    *audience = AUDIENCE(PUBLIC);
    int person = fold_take_seat(game, entry, &taken);
    if (person == GAME_NO_ONE) return false;
    return !reserved->payment_id[0] || fold_given(game, person, reserved->payment_id);
}

bool fold_nonce_given(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int person = game_person(game, entry->nonce_given->user_id);
    if (person == GAME_NO_ONE || !fold_hash(game->people[person].nonce, &entry->nonce_given->nonce))
        return false;
    game->people[person].nonce_len = DEAL_NONCE;
    *audience = AUDIENCE_OF(OWNER, person);
    return true;
}

// With what they paid behind the end of their hold.
static bool wait_paid(struct game *game, int person, const char *payment_id)
{
    struct hold *hold = game_hold(game, payment_id);
    if (!hold || hold->person != person || hold->state != HOLD_CLOSED) return false;
    hold->waits = true;
    hold->final = false;
    return true;
}

bool fold_waitlisted(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int person = add_person(game, entry->waitlisted->user_id, entry->waitlisted->username);
    if (person == GAME_NO_ONE || game->people[person].seat || game_waiting_place(game, person)) return false;
    if (!join_waitlist(game, person, entry->waitlisted->first)) return false;
    game->people[person].waiting_since_ms = entry->time_ms;
    if (entry->actor[0]) game->people[person].promotions = 0;
    note_arrival(game, &game->people[person], entry->actor);
    *audience = AUDIENCE_OF(PERSON, person);
    return !entry->waitlisted->payment_id[0] || wait_paid(game, person, entry->waitlisted->payment_id);
}

bool fold_seat_freed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->seat_freed->user_id);
    const struct hold *hold = game_hold_of(game, player);
    *audience = AUDIENCE(PUBLIC);
    if (player == GAME_NO_ONE || (hold && hold->state != HOLD_CLOSED)) return false;
    game->people[player].hold = 0;
    game->seats[game->people[player].seat - 1] = 0;
    game->people[player].seat = 0;
    game->people[player].nonce_len = 0;
    game->people[player].ready = false;
    game->people[player].attendance = 0;
    game->people[player].left = person_is(&game->people[player], entry->actor);
    fold_unbind(game, player);
    game->seats_taken--;
    return true;
}

bool fold_waitlist_left(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int person = game_person(game, entry->waitlist_left->user_id);
    if (person == GAME_NO_ONE || !game_waiting_place(game, person)) return false;
    leave_waitlist(game, person);
    game->people[person].nonce_len = 0;
    game->people[person].left = person_is(&game->people[person], entry->actor);
    *audience = AUDIENCE_OF(PERSON, person);
    return true;
}

bool fold_seats_ordered(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__SeatsOrdered *ordered = entry->seats_ordered;
    uint16_t seats[GAME_MAX_SEATS] = {0};
    *audience = AUDIENCE(PUBLIC);
    if (ordered->n_user_ids != (size_t)game->seats_taken) return false;
    for (size_t i = 0; i < ordered->n_user_ids; i++) {
        int player = game_player(game, ordered->user_ids[i]);
        if (player == GAME_NO_ONE) return false;
        for (size_t before = 0; before < i; before++)
            if (seats[before] == player + 1) return false;
        seats[i] = (uint16_t)(player + 1);
    }
    for (size_t i = 0; i < ordered->n_user_ids; i++) game->people[seats[i] - 1].seat = (int16_t)(i + 1);
    memcpy(game->seats, seats, sizeof game->seats);
    return true;
}

bool fold_attendance_set(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->attendance_set->user_id);
    Events__Attendance__Value attendance = entry->attendance_set->attendance;
    if (player == GAME_NO_ONE || attendance < EVENTS__ATTENDANCE__VALUE__PRESENT ||
        attendance > EVENTS__ATTENDANCE__VALUE__ABSENT)
        return false;
    game->people[player].attendance = (uint8_t)attendance;
    *audience = AUDIENCE_OF(PERSON, player);
    return true;
}
