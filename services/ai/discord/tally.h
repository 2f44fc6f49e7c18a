// How many summaries were made for Discord today (UTC): a row, so that all processes and starts count
// together.
#ifndef AI_DISCORD_TALLY_H
#define AI_DISCORD_TALLY_H

#include "lib/base/arena.h"
#include "lib/store/store.h"

MUST_CHECK bool tally_add(struct store *store, int64_t now_ms, struct err *err); // blocks
MUST_CHECK bool tally_today(struct store *store, int64_t now_ms, int64_t *count, struct arena *arena,
                            struct err *err);

#endif
