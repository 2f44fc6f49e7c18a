// Places that cost something: how they are held and ended, what chain says of them, and the lock that waits
// for them.
#include <stdio.h>
#include <string.h>

#include "services/events/game/rules/rules.h"

static struct uuid new_hold_id(struct entries *entries)
{
    uint8_t random[10];
    entries_random(entries, random, sizeof random);
    return uuid_make(entries->now_ms, random);
}

bool rules_can_hold(const struct game *game) { return game->holds_count < GAME_MAX_HOLDS; }

// What is given to who waits with a payment is what they paid for.
static struct uuid hold_id_of(const struct game *game, struct entries *entries, int person)
{
    const struct hold *paid = person == GAME_NO_ONE ? NULL : game_waiting_hold(game, person);
    return paid ? paid->id : new_hold_id(entries);
}

static void add_hold(struct game *game, struct entries *entries, const struct seating *seating,
                     struct uuid hold_id)
{
    const int known = game_person(game, seating->user_id);
    const struct person *person = known == GAME_NO_ONE ? NULL : &game->people[known];
    const bool promoted = person && game_waiting_place(game, known);
    Events__Price price = EVENTS__PRICE__INIT;
    price.amount = (uint64_t)game->terms.price.amount;
    price.currency = (Events__Price__Currency)game->terms.price.currency;
    ENTRY(entries, game, SEAT_HELD, SeatHeld, seat_held, .hold_id = hold_id.text, .user_id = seating->user_id,
          .username = seating->username, .seat = seating->seat, .price = &price,
          .promotions = promoted ? person->promotions + 1 : 0, .attempt = person ? person->attempts + 1 : 1);
}

void rules_add_hold(struct game *game, struct entries *entries, const struct seating *seating)
{
    add_hold(game, entries, seating, hold_id_of(game, entries, game_person(game, seating->user_id)));
}

void rules_add_given(struct game *game, struct entries *entries, const struct seating *seating)
{
    const struct uuid payment_id = new_hold_id(entries);
    ENTRY(entries, game, RESERVED, Reserved, reserved, .user_id = seating->user_id,
          .username = seating->username, .seat = seating->seat, .guest = seating->guest,
          .payment_id = game_is_priced(game) ? payment_id.text : "");
}

// ---- Ending

// Whose wish counts when there are several: chain judges by the same order.
static int weight_of(Money__SeatEnding__By by)
{
    static const int weights[] = {[MONEY__SEAT_ENDING__BY__LOCK] = 1,
                                  [MONEY__SEAT_ENDING__BY__OWNER] = 2,
                                  [MONEY__SEAT_ENDING__BY__GOD] = 3};
    return (unsigned)by < sizeof weights / sizeof *weights ? weights[by] : 0;
}

void rules_end_hold(struct game *game, struct entries *entries, const struct hold *hold,
                    Money__SeatEnding__By by)
{
    const struct uuid id = hold->id;
    if (weight_of(by) <= weight_of((Money__SeatEnding__By)hold->ends_by)) return;
    ENTRY(entries, game, HOLD_ENDING, HoldEnding, hold_ending, .hold_id = id.text, .by = by);
}

void rules_end_paid_wait(struct game *game, struct entries *entries, int person)
{
    const struct hold *hold = game_waiting_hold(game, person);
    if (!hold) return;
    const struct uuid id = hold->id;
    ENTRY(entries, game, HOLD_ENDING, HoldEnding, hold_ending, .hold_id = id.text,
          .by = person_is(&game->people[person], entries->actor) ? MONEY__SEAT_ENDING__BY__OWNER
                                                                 : MONEY__SEAT_ENDING__BY__GOD);
}

bool rules_payments_final(const struct game *game, struct err *err)
{
    for (size_t i = 0; i < game->holds_count; i++)
        if (!game->holds[i].final) return err_fail(err, PAYMENTS_OPEN, "payments of the event are open");
    return true;
}

bool rules_take_back_end(struct game *game, struct entries *entries, struct err *err)
{
    if (game->state != EVENTS__EVENT__STATE__DONE || !game->holds_count)
        return err_fail(err, EVENT_OVER, "the event is %s, and has no pot", rules_state_name(game->state));
    if (game->end_taken_back) return true;
    if (!rules_need_room(game, err)) return false;
    ENTRY(entries, game, END_TAKEN_BACK, EndTakenBack, end_taken_back);
    return true;
}

// ---- The lock

// Of somebody with a seat.
static const struct hold *hold_at(const struct game *game, int seat)
{
    return game->seats[seat] ? game_hold_of(game, game->seats[seat] - 1) : NULL;
}

static bool holds_are_over(const struct game *game, struct err *err)
{
    char names[200] = "";
    size_t len = 0, count = 0;
    for (int seat = 0; seat < GAME_MAX_SEATS; seat++) {
        const struct hold *hold = hold_at(game, seat);
        if (!hold || !hold_is_open(hold)) continue;
        const char *name = person_name(&game->people[hold->person]);
        count++;
        if (len + strlen(name) + 3 > sizeof names) continue;
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "", name);
    }
    return count == 0 || err_fail(err, HOLDS_OPEN, "%zu seats are held and not paid: %s", count, names);
}

bool rules_seats_are_paid(const struct game *game, struct err *err)
{
    if (!holds_are_over(game, err)) return false;
    for (int seat = 0; seat < GAME_MAX_SEATS; seat++) {
        const struct hold *hold = hold_at(game, seat);
        if (hold && hold->state == HOLD_PAID && !hold->settled)
            return err_fail(err, PAYMENTS_SETTLING, "a payment is confirmed and not finalized");
    }
    return true;
}

bool rules_lock_ending(struct game *game, struct entries *entries, struct err *err)
{
    struct err open;
    if (!rules_lockable(game, err)) return false;
    if (rules_seats_are_paid(game, &open)) return rules_lock(game, entries, err);
    for (int seat = 0; seat < GAME_MAX_SEATS && !entries->failed; seat++) {
        const struct hold *hold = hold_at(game, seat);
        if (hold && hold->state == HOLD_HELD)
            rules_end_hold(game, entries, hold, MONEY__SEAT_ENDING__BY__LOCK);
    }
    if (!game->locking) ENTRY(entries, game, LOCK_AWAITED, LockAwaited, lock_awaited);
    return true;
}

void rules_free_ended(struct game *game, struct entries *entries)
{
    for (int seat = 0; seat < GAME_MAX_SEATS && !entries->failed; seat++) {
        const struct hold *hold = hold_at(game, seat);
        if (!hold || hold->state != HOLD_CLOSED) continue;
        const struct uuid user_id = game->people[hold->person].user_id;
        ENTRY(entries, game, SEAT_FREED, SeatFreed, seat_freed, .user_id = user_id.text);
    }
    if (!entries->failed) rules_promote_waiting(game, entries);
}

void rules_give_lock_up(struct game *game, struct entries *entries)
{
    ENTRY(entries, game, LOCK_AWAITED, LockAwaited, lock_awaited, .given_up = true);
    rules_promote_waiting(game, entries);
}

// What was waited for has come, or never will: too few are left.
static void lock_at_last(struct game *game, struct entries *entries)
{
    struct err err;
    bool waits = game->locking && game->state == EVENTS__EVENT__STATE__OPEN;
    if (!waits || entries->failed || !rules_seats_are_paid(game, &err)) return;
    if (!rules_lock(game, entries, &err)) rules_give_lock_up(game, entries);
}

// ---- What chain says

// What came behind the end of the hold is there, and finalized.
static bool wants_place(const struct hold *hold, const Money__FromChain *said)
{
    return said->body_case == MONEY__FROM_CHAIN__BODY_CLOSED && hold->state == HOLD_CLOSED && !hold->waits &&
           said->closed->next == MONEY__PAYMENT_CLOSED__NEXT__TO_FRONT;
}

// Whether it is news: the stream of a chain that was restored comes again.
static bool is_news(const struct hold *hold, const Money__FromChain *said)
{
    switch (said->body_case) {
    case MONEY__FROM_CHAIN__BODY_OPENED:
        return hold->state == HOLD_HELD && hold->ends_ms != said->opened->hold_ends_ms;
    case MONEY__FROM_CHAIN__BODY_CONFIRMED:
        return hold->state == HOLD_HELD ||
               (hold->state == HOLD_PAID && said->confirmed->settled && !hold->settled);
    case MONEY__FROM_CHAIN__BODY_SETTLED:
        return hold->state == HOLD_PAID && !hold->settled;
    case MONEY__FROM_CHAIN__BODY_HELD_AGAIN:
        return hold->state == HOLD_PAID && !hold->comp;
    case MONEY__FROM_CHAIN__BODY_CLOSED:
        return hold->state != HOLD_CLOSED || hold->waits || wants_place(hold, said);
    case MONEY__FROM_CHAIN__BODY_FINAL:
        return !hold->final;
    default:
        return false;
    }
}

// Who let a hold pass waits once more, and who has paid waits before all others.
static void wait_again(struct game *game, struct entries *entries, const struct person *person,
                       Money__PaymentClosed__Next next, const char *hold_id)
{
    bool paid = next == MONEY__PAYMENT_CLOSED__NEXT__TO_FRONT;
    bool waits = paid || next == MONEY__PAYMENT_CLOSED__NEXT__TO_END;
    if (!waits || !game->terms.waitlist || game->waiting_count == GAME_MAX_WAITING ||
        game_ban(game, person->user_id.text))
        return;
    ENTRY(entries, game, WAITLISTED, Waitlisted, waitlisted, .user_id = person->user_id.text,
          .username = person->username, .first = paid, .payment_id = paid ? hold_id : "");
}

static bool may_have_place(const struct game *game, const struct person *person)
{
    const char *user_id = person->user_id.text;
    return game->state == EVENTS__EVENT__STATE__OPEN && !game_ban(game, user_id) &&
           strcmp(game->god_id.text, user_id) != 0 && game_assistant(game, user_id) == GAME_NO_ONE &&
           !game_takes_part(game, game_person(game, user_id));
}

// A free one that nobody waits for, or the first in the waitlist. What is answered chain hears: else the
// money goes back a day later.
static void give_place(struct game *game, struct entries *entries, const struct hold *hold)
{
    const struct uuid hold_id = hold->id;
    const struct person person = game->people[hold->person];
    const bool may = may_have_place(game, &person);
    const int seat = game->locking || game->waiting_count ? 0 : rules_free_seat(game);
    if (may && seat)
        add_hold(game, entries, &(struct seating){person.user_id.text, person.username, seat, false},
                 hold_id);
    else if (may && game->terms.waitlist && game->waiting_count < GAME_MAX_WAITING)
        ENTRY(entries, game, WAITLISTED, Waitlisted, waitlisted, .user_id = person.user_id.text,
              .username = person.username, .first = true, .payment_id = hold_id.text);
    else
        ENTRY(entries, game, HOLD_ENDING, HoldEnding, hold_ending, .hold_id = hold_id.text,
              .by = MONEY__SEAT_ENDING__BY__NO_PLACE);
}

// Behind the lock the roster stays.
static void close_hold(struct game *game, struct entries *entries, const struct hold *hold,
                       const Money__PaymentClosed *closed)
{
    const struct uuid hold_id = hold->id;
    const struct person person = game->people[hold->person];
    bool frees =
        person.seat && game_hold_of(game, hold->person) == hold && game->state == EVENTS__EVENT__STATE__OPEN;
    ENTRY(entries, game, HOLD_CLOSED, HoldClosed, hold_closed, .hold_id = hold_id.text, .by = closed->by);
    if (!frees || entries->failed) return;
    ENTRY(entries, game, SEAT_FREED, SeatFreed, seat_freed, .user_id = person.user_id.text);
    if (!entries->failed) wait_again(game, entries, &person, closed->next, hold_id.text);
    if (!entries->failed) rules_promote_waiting(game, entries);
}

static void take_in(struct game *game, struct entries *entries, const struct hold *hold,
                    const Money__FromChain *said)
{
    const struct uuid id = hold->id, user_id = game->people[hold->person].user_id;
    switch (said->body_case) {
    case MONEY__FROM_CHAIN__BODY_OPENED:
        ENTRY(entries, game, HOLD_OPENED, HoldOpened, hold_opened, .hold_id = id.text,
              .ends_ms = said->opened->hold_ends_ms);
        return;
    case MONEY__FROM_CHAIN__BODY_CONFIRMED:
        ENTRY(entries, game, SEAT_PAID, SeatPaid, seat_paid, .hold_id = id.text, .user_id = user_id.text,
              .settled = said->confirmed->settled);
        return;
    case MONEY__FROM_CHAIN__BODY_SETTLED:
        ENTRY(entries, game, SEAT_SETTLED, SeatSettled, seat_settled, .hold_id = id.text);
        return;
    case MONEY__FROM_CHAIN__BODY_HELD_AGAIN:
        ENTRY(entries, game, SEAT_HELD_AGAIN, SeatHeldAgain, seat_held_again, .hold_id = id.text,
              .user_id = user_id.text, .ends_ms = said->held_again->hold_ends_ms);
        return;
    case MONEY__FROM_CHAIN__BODY_CLOSED:
        if (wants_place(hold, said)) return give_place(game, entries, hold);
        return close_hold(game, entries, hold, said->closed);
    default:
        ENTRY(entries, game, PAYMENT_FINAL, PaymentFinal, payment_final, .hold_id = id.text);
    }
}

// Once, and for an event that wants to be there.
static bool is_payable_news(const struct game *game, const Money__FromChain *said)
{
    return said->body_case == MONEY__FROM_CHAIN__BODY_EVENT_PAYABLE && game_is_on_cluster(game) &&
           !game_is_payable(game) && !game_over(game);
}

static void take_in_all(struct game *game, struct entries *entries, const struct hold *hold,
                        const Money__FromChain *said)
{
    if (hold) return take_in(game, entries, hold, said);
    if (said->body_case != MONEY__FROM_CHAIN__BODY_EVENT_PAYABLE)
        return rules_take_beacon(game, entries, said);
    ENTRY(entries, game, MADE_PAYABLE, MadePayable, made_payable, .address = said->event_payable->address,
          .price = said->event_payable->price);
}

bool rules_payment(struct game *game, struct entries *entries, const Money__FromChain *said,
                   const struct payments_told *place, struct err *err)
{
    const struct hold *hold = game_hold(game, said->hold_id);
    bool known = game->told.generation == place->generation && place->seq <= game->told.seq;
    bool news = hold ? is_news(hold, said) : is_payable_news(game, said) || rules_beacon_is_news(game, said);
    if (known || !news) return true;
    if (!rules_need_room(game, err)) return false;
    ENTRY(entries, game, PAYMENT_TOLD, PaymentTold, payment_told, .generation = place->generation,
          .seq = place->seq);
    if (!entries->failed) take_in_all(game, entries, hold, said);
    lock_at_last(game, entries);
    return true;
}
