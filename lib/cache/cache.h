// Short-lived state shared by the threads of a process: values with a time to live, counters, token buckets.
// It is bounded: when full, the entry nearest its end is dropped. Nothing in it is the only copy of anything.
// Thread-safe, never blocks long.
#ifndef LIB_CACHE_CACHE_H
#define LIB_CACHE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct cache;

// cap_bytes bounds keys and values.
MUST_CHECK bool cache_open(struct cache **cache, size_t cap_bytes, struct err *err);
void cache_close(struct cache *cache);

// Lives are counted on the monotonic clock. A function fails when its entry cannot be kept; nothing of it is
// in the cache then.

MUST_CHECK bool cache_set(struct cache *cache, const char *key, const void *value, size_t len, int64_t ttl_ms,
                          struct err *err);
// Copies at most size bytes; *len is the value's length, or -1 when absent or expired.
MUST_CHECK bool cache_get(struct cache *cache, const char *key, void *value, size_t size, long *len,
                          struct err *err);
MUST_CHECK bool cache_delete(struct cache *cache, const char *key, struct err *err);
// *first is true for the first caller of a key within its life: single-use nonces, once-only work.
MUST_CHECK bool cache_add(struct cache *cache, const char *key, int64_t ttl_ms, bool *first, struct err *err);
// Adds to a counter and gives its value; the life begins with the first addition.
MUST_CHECK bool cache_count(struct cache *cache, const char *key, int64_t by, int64_t ttl_ms, int64_t *value,
                            struct err *err);

struct bucket {
    double burst;      // tokens it holds when full
    double per_second; // tokens that return
};

struct bucket_state {
    bool allowed;
    uint32_t remaining;     // whole tokens left
    uint32_t retry_after_s; // until one token is there; 0 when allowed
    uint32_t reset_s;       // until it is full
};

// Takes one token, when there is one. On a failure the state is filled too, from what is known: a limit that
// cannot be kept lets calls pass.
MUST_CHECK bool cache_take(struct cache *cache, const char *key, struct bucket bucket,
                           struct bucket_state *state, struct err *err);
// Takes this many tokens, whether they are there or not: the debt, at most a full bucket, is paid by tokens
// that return.
MUST_CHECK bool cache_charge(struct cache *cache, const char *key, struct bucket bucket, double tokens,
                             struct bucket_state *state, struct err *err);

#endif
