// The rows made from an event: what lists show, who sits where, when the clock is due. Queued behind the
// entries they come from, under the aggregate's lock; after a crash the sweep makes them anew.
#ifndef EVENTS_LIVE_ROWS_H
#define EVENTS_LIVE_ROWS_H

#include "services/events/live/aggregates.h"
#include "services/events/game/entries.h"

// A number that changes when the row would, apart from the votes.
uint64_t rows_state(const struct aggregate *aggregate);
// After an append: the event's row when it changed, and the seats that the entries took or freed.
void rows_put(struct aggregate *aggregate, const struct entries *entries);
// The row again when only votes changed, which is done now and then.
void rows_put_votes(struct aggregate *aggregate, struct arena *arena);
// The event's row and all its seats, whatever was there.
MUST_CHECK bool rows_renew(struct aggregate *aggregate, struct arena *arena, struct err *err);
// After the stream's end was queued.
MUST_CHECK bool rows_remove(struct aggregate *aggregate, struct arena *arena, struct err *err);

#endif
