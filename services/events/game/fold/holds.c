// Places that cost something: held, paid, ended. A place that is free again is a SeatFreed behind its
// HoldClosed.
#include <string.h>

#include "services/events/game/fold/fold.h"

// What was paid behind its end may pay for the same place again.
static bool begin_anew(struct game *game, struct hold *hold, int person, const struct hold *begun)
{
    if (hold->state != HOLD_CLOSED || hold->person != person) return false;
    hold->state = HOLD_HELD;
    hold->price = begun->price;
    hold->ends_ms = 0;
    hold->final = hold->waits = false;
    game->people[person].hold = (uint16_t)(hold - game->holds + 1);
    return true;
}

static bool add_hold(struct game *game, const char *hold_id, int person, const struct hold *begun)
{
    struct hold *known = game_hold(game, hold_id);
    if (known) return !begun->comp && begin_anew(game, known, person, begun);
    if (game->holds_count == GAME_MAX_HOLDS) return false;
    struct hold *hold = array_add(&game->holds, &game->holds_count, sizeof *hold);
    if (!hold) return false;
    *hold = *begun;
    hold->person = (uint16_t)person;
    hold->seq = game->chain.seq;
    game->people[person].hold = (uint16_t)game->holds_count;
    return fold_id(&hold->id, hold_id);
}

bool fold_seat_held(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__SeatHeld *held = entry->seat_held;
    const struct seat_taken taken = {held->user_id, held->username, held->seat, false};
    struct hold begun = {.state = HOLD_HELD};
    *audience = AUDIENCE(PUBLIC);
    if (!held->price || !price_read(&begun.price, held->price) || !begun.price.currency) return false;
    if (held->promotions < 0 || held->promotions > UINT8_MAX || held->attempt < 1 ||
        held->attempt > UINT16_MAX)
        return false;
    int person = fold_take_seat(game, entry, &taken);
    if (person == GAME_NO_ONE) return false;
    game->people[person].promotions = (uint8_t)held->promotions;
    game->people[person].attempts = (uint16_t)held->attempt;
    return add_hold(game, held->hold_id, person, &begun);
}

bool fold_given(struct game *game, int person, const char *payment_id)
{
    const struct hold given = {.state = HOLD_PAID, .comp = true, .settled = true};
    return add_hold(game, payment_id, person, &given);
}

// One that is not closed; NULL: there is none.
static struct hold *open_hold(struct game *game, const char *hold_id)
{
    struct hold *hold = game_hold(game, hold_id);
    return hold && hold->state != HOLD_CLOSED ? hold : NULL;
}

bool fold_hold_opened(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct hold *hold = open_hold(game, entry->hold_opened->hold_id);
    if (!hold || entry->hold_opened->ends_ms < 0) return false;
    hold->ends_ms = entry->hold_opened->ends_ms;
    *audience = AUDIENCE_OF(PERSON, hold->person);
    return true;
}

// An end that was for the lock alone is none of a seat that is paid.
bool fold_seat_paid(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct hold *hold = open_hold(game, entry->seat_paid->hold_id);
    *audience = AUDIENCE(PUBLIC);
    if (!hold) return false;
    hold->state = HOLD_PAID;
    hold->settled = entry->seat_paid->settled;
    if (hold->ends_by == MONEY__SEAT_ENDING__BY__LOCK) hold->ends_by = 0;
    return true;
}

bool fold_seat_settled(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct hold *hold = open_hold(game, entry->seat_settled->hold_id);
    *audience = AUDIENCE(GOD);
    if (!hold || hold->state != HOLD_PAID) return false;
    hold->settled = true;
    return true;
}

bool fold_seat_held_again(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct hold *hold = open_hold(game, entry->seat_held_again->hold_id);
    *audience = AUDIENCE(PUBLIC);
    if (!hold || hold->state != HOLD_PAID || entry->seat_held_again->ends_ms < 0) return false;
    hold->state = HOLD_HELD;
    hold->settled = false;
    hold->ends_ms = entry->seat_held_again->ends_ms;
    return true;
}

// What was paid behind its end is to go back: there is no place for it, or its person waits no longer.
static bool fold_paid_leaves(struct hold *hold, Money__SeatEnding__By by)
{
    bool leaves = hold->waits && (by == MONEY__SEAT_ENDING__BY__OWNER || by == MONEY__SEAT_ENDING__BY__GOD);
    hold->waits = hold->final = false;
    return leaves || by == MONEY__SEAT_ENDING__BY__NO_PLACE;
}

bool fold_hold_ending(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__HoldEnding *ending = entry->hold_ending;
    struct hold *hold = game_hold(game, ending->hold_id);
    if (!hold || ending->by < 1 || ending->by > MONEY__SEAT_ENDING__BY__NO_PLACE) return false;
    *audience = AUDIENCE_OF(PERSON, hold->person);
    if (hold->state == HOLD_CLOSED) return fold_paid_leaves(hold, ending->by);
    hold->ends_by = (uint8_t)ending->by;
    return ending->by != MONEY__SEAT_ENDING__BY__NO_PLACE;
}

bool fold_hold_closed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct hold *hold = game_hold(game, entry->hold_closed->hold_id);
    if (!hold || (hold->state == HOLD_CLOSED && !hold->waits)) return false;
    hold->state = HOLD_CLOSED;
    hold->ends_by = 0;
    hold->waits = false;
    *audience = AUDIENCE_OF(PERSON, hold->person);
    return true;
}

bool fold_payment_final(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct hold *hold = game_hold(game, entry->payment_final->hold_id);
    *audience = AUDIENCE(GOD);
    if (!hold) return false;
    hold->final = true;
    return true;
}

bool fold_payment_told(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    game->told = (struct payments_told){entry->payment_told->generation, entry->payment_told->seq};
    *audience = AUDIENCE(SEALED);
    return true;
}

bool fold_lock_awaited(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    *audience = AUDIENCE(PUBLIC);
    game->locking = !entry->lock_awaited->given_up;
    return game->state == EVENTS__EVENT__STATE__OPEN;
}

bool fold_end_taken_back(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    (void)entry;
    *audience = AUDIENCE(PUBLIC);
    game->end_taken_back = true;
    return game->state == EVENTS__EVENT__STATE__DONE;
}

// What it costs there counts.
bool fold_made_payable(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__MadePayable *made = entry->made_payable;
    const size_t len = strlen(made->address);
    *audience = AUDIENCE(PUBLIC);
    if (!game_is_on_cluster(game) || !len || len >= sizeof game->cluster_address || made->price <= 0 ||
        made->price > PRICE_MOST)
        return false;
    memcpy(game->cluster_address, made->address, len + 1);
    game->terms.price.amount = made->price;
    return true;
}
