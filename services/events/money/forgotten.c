// What chain has, and a store that was restored does not: it ends, and all of it goes back.
#include <string.h>

#include "lib/base/clock.h"
#include "services/events/money/parts.h"

// Chain passes over what can't be so: one is for who has a seat, or could, the other for who is in the game.
static const Money__SeatEnding__By ENDS[] = {MONEY__SEAT_ENDING__BY__GOD,
                                             MONEY__SEAT_ENDING__BY__KICKED_REFUNDED};

static uint64_t tell_ending(struct events *events, const Money__FromChain *said, Money__SeatEnding__By by,
                            uint64_t after)
{
    struct arena arena;
    Money__SeatEnding ending = MONEY__SEAT_ENDING__INIT;
    Money__FromEvents told = MONEY__FROM_EVENTS__INIT;
    const struct store_write write = {.after = after, .source = {said->hold_id, (uint64_t)by, 0}};
    ending.hold_id = said->hold_id;
    ending.by = by;
    told.time_ms = clock_unix_ms();
    told.event_id = said->event_id;
    told.body_case = MONEY__FROM_EVENTS__BODY_SEAT_ENDING;
    told.seat_ending = &ending;
    arena_init(&arena, 1 << 16);
    uint64_t ticket = money_append(events, &told, &arena, &write);
    arena_finish(&arena);
    return ticket;
}

static bool is_told(struct events *events, uint64_t ticket, struct err *err)
{
    if (!ticket) return err_fail(err, INTERNAL_ERROR, "no memory for payments");
    return store_wait(events->store, ticket, err) && money_publish(events, err);
}

bool money_end_unknown(struct events *events, const Money__FromChain *said, struct err *err)
{
    uint64_t ticket = 0;
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS && (!i || ticket); i++)
        ticket = tell_ending(events, said, ENDS[i], ticket);
    return is_told(events, ticket, err);
}

bool money_end_unknown_event(struct events *events, const char *event_id, struct err *err)
{
    return is_told(events, money_tell_deleted(events, event_id, 0), err);
}
