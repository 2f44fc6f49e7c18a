// Shares a cache's buckets with other processes through Redis: each process draws from its own buckets, and
// every 200 ms what they gave is taken from the sum in Redis, which is the level from then on. So N processes
// let at most N bursts pass at once. While Redis is away each keeps its own limits; what was drawn meanwhile
// is told later. When an answer is lost, what it was about may be counted twice, to the disadvantage of the
// drawer.
#ifndef LIB_CACHE_REDIS_EXCHANGE_H
#define LIB_CACHE_REDIS_EXCHANGE_H

#include "lib/base/metrics.h"
#include "lib/cache/cache.h"
#include "lib/cache/redis/sharing.h"

struct exchange_options {
    struct cache *cache; // outlives it
    const char *url;     // place.h
    const uint8_t *key;  // 32 bytes of this use alone, which hash the buckets' names, so that Redis learns no
                         // address; NULL: a plain hash
    struct metrics *metrics;
};

// Starts a thread, until sharing_stop. INVALID_FIELD when the URL is none; a Redis that is away is no error.
MUST_CHECK bool exchange_start(struct sharing **exchange, const struct exchange_options *options,
                               struct err *err);

#endif
