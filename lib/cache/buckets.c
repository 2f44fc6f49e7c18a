// Token buckets in a cache.
#include "lib/cache/buckets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/cache/memory.h"

// What a bucket holds; its entry ends when it would be full, since a full one needs no memory.
struct level {
    double tokens;
    int64_t at_ms;
    double untold; // that it gave, for cache_drawn
    struct bucket bucket;
};

static double level_refill(struct bucket bucket, const struct level *level, int64_t now_ms)
{
    double since_s = now_ms > level->at_ms ? (double)(now_ms - level->at_ms) / 1000 : 0;
    return fmin(bucket.burst, level->tokens + since_s * bucket.per_second);
}

static int64_t ms_until(double tokens, double wanted, double per_second)
{
    if (tokens >= wanted) return 0;
    return per_second > 0 ? (int64_t)ceil((wanted - tokens) / per_second * 1000) : INT64_MAX / 2;
}

static uint32_t seconds_up(int64_t ms)
{
    return ms >= (int64_t)UINT32_MAX * 1000 ? UINT32_MAX : (uint32_t)((ms + 999) / 1000);
}

static int64_t full_in_ms(const struct level *level)
{
    return ms_until(level->tokens, level->bucket.burst, level->bucket.per_second);
}

// The bucket as it is now; full when it is not kept. *entry is NULL then, or its entry.
static struct level level_load(struct cache *cache, const char *key, struct bucket bucket, int64_t now_ms,
                               struct cache_entry **entry)
{
    struct level level = {bucket.burst, now_ms, 0, bucket};
    *entry = cache_entry_find(cache, key, now_ms);
    if (!*entry || (*entry)->len != sizeof level) return level;
    memcpy(&level, cache_entry_value(*entry), sizeof level);
    level.bucket = bucket;
    level.tokens = level_refill(bucket, &level, now_ms);
    if (now_ms > level.at_ms) level.at_ms = now_ms;
    return level;
}

static void link_drawn(struct cache *cache, struct cache_entry *entry)
{
    if (!cache->exchanges || entry->drawn_at || entry->key_len >= CACHE_DRAWN_KEY) return;
    entry->next_drawn = cache->drawn;
    if (cache->drawn) cache->drawn->drawn_at = &entry->next_drawn;
    entry->drawn_at = &cache->drawn;
    cache->drawn = entry;
}

static bool level_save(struct cache *cache, struct cache_entry *entry, const char *key,
                       const struct level *level)
{
    int64_t ends_ms = cache_end_of(level->at_ms, full_in_ms(level));
    if (entry && entry->len != sizeof *level) cache_entry_remove(cache, entry), entry = NULL;
    if (entry)
        cache_entry_end_at(cache, entry, ends_ms);
    else
        entry = cache_entry_create(cache, key, sizeof *level, ends_ms);
    if (!entry) return false;
    memcpy(cache_entry_value(entry), level, sizeof *level);
    if (level->untold > 0) link_drawn(cache, entry);
    return true;
}

// ---- Drawing

struct draw {
    struct bucket bucket;
    double least, tokens; // that must be there; that are taken then
};

static bool draw_tokens(struct cache *cache, const char *key, const struct draw *draw,
                        struct bucket_state *state, struct err *err)
{
    struct cache_entry *entry;
    pthread_mutex_lock(&cache->lock);
    struct level level = level_load(cache, key, draw->bucket, clock_mono_ms(), &entry);
    bool allowed = level.tokens >= draw->least;
    if (allowed) {
        double left = fmax(level.tokens - draw->tokens, -level.bucket.burst);
        level.untold += level.tokens - left;
        level.tokens = left;
    }
    bool kept = level_save(cache, entry, key, &level);
    pthread_mutex_unlock(&cache->lock);
    int64_t one_ms = ms_until(level.tokens, 1, level.bucket.per_second);
    *state = (struct bucket_state){.allowed = allowed,
                                   .remaining = level.tokens > 0 ? (uint32_t)level.tokens : 0,
                                   .retry_after_s = allowed ? 0 : seconds_up(one_ms),
                                   .reset_s = seconds_up(full_in_ms(&level))};
    return kept || cache_not_kept(key, err);
}

bool cache_take(struct cache *cache, const char *key, struct bucket bucket, struct bucket_state *state,
                struct err *err)
{
    return draw_tokens(cache, key, &(struct draw){bucket, 1, 1}, state, err);
}

bool cache_charge(struct cache *cache, const char *key, struct bucket bucket, double tokens,
                  struct bucket_state *state, struct err *err)
{
    return draw_tokens(cache, key, &(struct draw){bucket, -INFINITY, tokens}, state, err);
}

// ---- Exchanging

void cache_exchange(struct cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    cache->exchanges = true;
    pthread_mutex_unlock(&cache->lock);
}

static void tell_entry(struct cache_entry *entry, struct cache_drawn *drawn)
{
    struct level level;
    memcpy(&level, cache_entry_value(entry), sizeof level);
    snprintf(drawn->key, sizeof drawn->key, "%s", entry->bytes);
    drawn->bucket = level.bucket;
    drawn->tokens = level.untold;
    level.untold = 0;
    memcpy(cache_entry_value(entry), &level, sizeof level);
    cache_entry_told(entry);
}

size_t cache_drawn(struct cache *cache, struct cache_drawn *drawn, size_t most)
{
    size_t count = 0;
    pthread_mutex_lock(&cache->lock);
    while (cache->drawn && count < most) tell_entry(cache->drawn, &drawn[count++]);
    pthread_mutex_unlock(&cache->lock);
    return count;
}

// What is known of the bucket is changed by `change`, and kept.
static void change_level(struct cache *cache, const struct cache_drawn *drawn,
                         void (*change)(struct level *level, double tokens), double tokens)
{
    struct cache_entry *entry;
    pthread_mutex_lock(&cache->lock);
    struct level level = level_load(cache, drawn->key, drawn->bucket, clock_mono_ms(), &entry);
    change(&level, tokens);
    bool kept = level_save(cache, entry, drawn->key, &level);
    (void)kept; // one that is not kept counts as full, as after an eviction
    pthread_mutex_unlock(&cache->lock);
}

static void take_sum(struct level *level, double tokens)
{
    level->tokens = fmax(fmin(tokens, level->bucket.burst) - level->untold, -level->bucket.burst);
}

static void add_untold(struct level *level, double tokens) { level->untold += tokens; }

void cache_settle(struct cache *cache, const struct cache_drawn *drawn, double tokens)
{
    change_level(cache, drawn, take_sum, tokens);
}

void cache_tell_again(struct cache *cache, const struct cache_drawn *drawn)
{
    change_level(cache, drawn, add_untold, drawn->tokens);
}
