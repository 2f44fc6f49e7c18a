// Exchanging what a cache's buckets gave with other processes: each draws from its own copy, and a place that
// all reach keeps the sum. Thread-safe.
#ifndef LIB_CACHE_BUCKETS_H
#define LIB_CACHE_BUCKETS_H

#include "lib/cache/cache.h"

enum { CACHE_DRAWN_KEY = 128 };

struct cache_drawn {
    char key[CACHE_DRAWN_KEY];
    struct bucket bucket;
    double tokens; // that it gave since it was last told
};

// From now on the buckets' draws are kept for cache_drawn; those whose keys are longer than a struct
// cache_drawn takes stay this process's own.
void cache_exchange(struct cache *cache);
// Fills at most `most`; what is told here counts as told. Returns how many.
size_t cache_drawn(struct cache *cache, struct cache_drawn *drawn, size_t most);
// The sum of all processes left this many tokens, not counting what was drawn here since it was told.
void cache_settle(struct cache *cache, const struct cache_drawn *drawn, double tokens);
// What was told did not arrive: it is told again.
void cache_tell_again(struct cache *cache, const struct cache_drawn *drawn);

#endif
