// The rows made from an event: the contents of lists, the seats, and when the clock is due. They are queued
// behind the entries they come from, under the aggregate's lock. A row that can't be stored is rebuilt
// later and fails nothing. When the event's row is stored, so are the seats up to its sequence.
#ifndef EVENTS_LIVE_ROWS_H
#define EVENTS_LIVE_ROWS_H

#include "services/events/live/aggregates.h"
#include "services/events/game/entries.h"

// Reads what is stored of the event, when none of its writes is on its way; rows that do not fit are stale.
MUST_CHECK bool rows_load(struct aggregate *aggregate, struct arena *arena, struct err *err);
// The row of a new event is stored and counted, or will never be.
void rows_leave_quota(struct aggregate *aggregate);
// After an append: the event's row when it changed, and the seats that the entries took or freed.
void rows_put(struct aggregate *aggregate, const struct entries *entries);
// After the stream's end was queued.
void rows_remove(struct aggregate *aggregate);
// From time to time: rebuilds stale rows, then the votes, and with seq_too the sequence of a row that is
// otherwise right. SERVICE_BUSY while rows are on their way.
MUST_CHECK bool rows_refresh(struct aggregate *aggregate, bool seq_too, struct arena *arena, struct err *err);
// The event's row and all its seats, whatever was stored; none may be on its way.
MUST_CHECK bool rows_renew(struct aggregate *aggregate, struct arena *arena, struct err *err);
// Removes the remaining rows of a deleted event. SERVICE_BUSY while its end is on its way. Blocks.
MUST_CHECK bool rows_forget(struct events *events, const char *event_id, struct arena *arena,
                            struct err *err);

#endif
