// Short-lived state shared by the threads of a process: values with a time to live, counters, token buckets.
// Bounded: when full, the entry nearest its end goes first. Nothing in it is the only copy of anything.
// Thread-safe, never blocks long.
#ifndef LIB_CACHE_CACHE_H
#define LIB_CACHE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct cache;

// url: "memory:". cap_bytes bounds keys and values.
MUST_CHECK bool cache_open(struct cache **cache, const char *url, size_t cap_bytes, struct err *err);
void cache_close(struct cache *cache);

// now_ms is any clock that never goes back; callers pass the same one everywhere.
void cache_set(struct cache *cache, const char *key, const void *value, size_t len, int64_t now_ms,
               int64_t ttl_ms);
// Copies at most size bytes; returns the value's length, or -1 when absent or expired.
long cache_get(struct cache *cache, const char *key, void *value, size_t size, int64_t now_ms);
void cache_delete(struct cache *cache, const char *key);
// True for the first caller of a key within its life: single-use nonces, once-only work.
bool cache_add(struct cache *cache, const char *key, int64_t now_ms, int64_t ttl_ms);
// Adds to a counter and returns its value; the life begins with the first addition.
int64_t cache_count(struct cache *cache, const char *key, int64_t by, int64_t now_ms, int64_t ttl_ms);

struct bucket {
    double burst;      // tokens it holds when full
    double per_second; // tokens that come back
};

struct bucket_state {
    bool allowed;
    uint32_t remaining;     // whole tokens left
    uint32_t retry_after_s; // until one token is there; 0 when allowed
    uint32_t reset_s;       // until it is full
};

// Takes one token, when there is one.
struct bucket_state cache_take(struct cache *cache, const char *key, struct bucket bucket, int64_t now_ms);
// Takes so many, whether they are there or not: the debt, at most a full bucket, is paid by those that come
// back.
struct bucket_state cache_charge(struct cache *cache, const char *key, struct bucket bucket, double tokens,
                                 int64_t now_ms);

#endif
