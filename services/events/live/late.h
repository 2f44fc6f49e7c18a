// The game as spectators see it when its god wants them to see it late: a second fold of the same entries
// that stays behind the clock. Entries from before the first phase are never late.
#ifndef EVENTS_LIVE_LATE_H
#define EVENTS_LIVE_LATE_H

#include "services/events/live/aggregates.h"

// Under the aggregate's lock. *game is the game as it was the event's delay ago; it belongs to the aggregate
// and is for reading only. Reads the store when an entry became due since the last call.
MUST_CHECK bool late_game(struct aggregate *aggregate, int64_t now_ms, struct game **game, struct err *err);

#endif
