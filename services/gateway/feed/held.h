// How many streams are held under a name, by this process and, where there is a place to share, by the others
// as far as they were heard of: within 200 ms of a change here, else every 15 s, and only of names that this
// process was asked about. Any thread.
#ifndef GATEWAY_FEED_HELD_H
#define GATEWAY_FEED_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/metrics.h"

struct held_counts;

// url: of the cache; NULL: nothing is shared. key: 32 bytes of this use alone, or NULL.
MUST_CHECK bool held_create(struct held_counts **counts, const char *url, const uint8_t *key,
                            struct metrics *metrics, struct err *err);
void held_destroy(struct held_counts *counts); // NULL is fine

// One more, unless there are as many as `most` already.
MUST_CHECK bool held_take(struct held_counts *counts, const char *name, int64_t most);
void held_give(struct held_counts *counts, const char *name);
int64_t held_all(struct held_counts *counts, const char *name);

#endif
