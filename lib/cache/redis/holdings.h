// How many of something all processes hold at once, by name, as the streams of a user: each tells the others
// through Redis how many it holds, when that changed and every 15 s. What a process told counts until it has
// been silent for 45 s, so that what a dead one held is free again by itself.
#ifndef LIB_CACHE_REDIS_HOLDINGS_H
#define LIB_CACHE_REDIS_HOLDINGS_H

#include "lib/base/err.h"
#include "lib/base/metrics.h"

enum { HELD_NAME = 64, HELD_RENEW_MS = 15000, HELD_LIFE_MS = 45000 };

struct held {
    char name[HELD_NAME];
    int64_t own; // 0: none any more
};

struct holdings;

struct holdings_options {
    void *arg; // of the functions, which are called on a thread of its own
    // Fills at most `most`: what changed since it was told, or was told 15 s ago. It counts as told.
    size_t (*changed)(void *arg, struct held *held, size_t most);
    void (*settle)(void *arg, const struct held *held, int64_t others);
    void (*again)(void *arg, const struct held *held); // it was not told
    const char *url;                                   // place.h
    const uint8_t *key; // 32 bytes of this use alone, which hash the names; NULL: a plain hash
    struct metrics *metrics;
};

// INVALID_FIELD when the URL is none; a Redis that is away is no error.
MUST_CHECK bool holdings_start(struct holdings **holdings, const struct holdings_options *options,
                               struct err *err);
// What it holds stays with the others until its time is over. NULL is fine.
void holdings_stop(struct holdings *holdings);

#endif
