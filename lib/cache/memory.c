#include "lib/cache/cache.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"

enum { FIRST_SLOTS = 64 };

struct entry {
    struct entry *next; // in its slot
    uint64_t hash;
    int64_t ends_ms;
    size_t heap_at;
    size_t len, room; // of the value
    uint16_t key_len;
    char bytes[]; // the key, its NUL, then the value
};

// A hash table for keys and a heap by end of life, both over the same entries.
struct cache {
    pthread_mutex_t lock;
    struct entry **slots; // a power of two
    size_t slot_count;
    struct entry **heap;
    size_t heap_room, count;
    size_t used_bytes, cap_bytes;
};

bool cache_open(struct cache **out, const char *url, size_t cap_bytes, struct err *err)
{
    if (strcmp(url, "memory:") != 0)
        return err_fail(err, INTERNAL_ERROR, "the cache %s is of no known kind; use memory:", url);
    struct cache *cache = calloc(1, sizeof *cache);
    struct entry **slots = calloc(FIRST_SLOTS, sizeof(struct entry *));
    if (!cache || !slots) return free(cache), free(slots), err_fail(err, INTERNAL_ERROR, "out of memory");
    pthread_mutex_init(&cache->lock, NULL);
    cache->slots = slots;
    cache->slot_count = FIRST_SLOTS;
    cache->cap_bytes = cap_bytes;
    *out = cache;
    return true;
}

void cache_close(struct cache *cache)
{
    if (!cache) return;
    for (size_t i = 0; i < cache->count; i++) free(cache->heap[i]);
    pthread_mutex_destroy(&cache->lock);
    free(cache->heap);
    free(cache->slots);
    free(cache);
}

// ---- The heap: the entry nearest its end is heap[0]

static void heap_put(struct cache *cache, size_t at, struct entry *entry)
{
    cache->heap[at] = entry;
    entry->heap_at = at;
}

static void heap_up(struct cache *cache, size_t at)
{
    struct entry *entry = cache->heap[at];
    while (at && cache->heap[(at - 1) / 2]->ends_ms > entry->ends_ms) {
        heap_put(cache, at, cache->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_put(cache, at, entry);
}

static void heap_down(struct cache *cache, size_t at)
{
    struct entry *entry = cache->heap[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= cache->count) break;
        if (child + 1 < cache->count && cache->heap[child + 1]->ends_ms < cache->heap[child]->ends_ms)
            child++;
        if (cache->heap[child]->ends_ms >= entry->ends_ms) break;
        heap_put(cache, at, cache->heap[child]);
        at = child;
    }
    heap_put(cache, at, entry);
}

static void heap_fix(struct cache *cache, struct entry *entry)
{
    heap_up(cache, entry->heap_at);
    heap_down(cache, entry->heap_at);
}

static bool heap_reserve(struct cache *cache)
{
    if (cache->count < cache->heap_room) return true;
    size_t room = cache->heap_room ? cache->heap_room * 2 : FIRST_SLOTS;
    struct entry **heap = realloc(cache->heap, room * sizeof(struct entry *));
    if (!heap) return false;
    cache->heap = heap;
    cache->heap_room = room;
    return true;
}

// ---- Entries

static uint64_t hash_of(const char *key)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (; *key; key++) hash = (hash ^ (uint8_t)*key) * 0x100000001b3;
    return hash ^ hash >> 29;
}

static struct entry **slot_of(const struct cache *cache, uint64_t hash)
{
    return &cache->slots[hash & (cache->slot_count - 1)];
}

static size_t entry_bytes(const struct entry *entry)
{
    // the entry, its places in table and heap, and what malloc adds
    return sizeof *entry + entry->key_len + 1u + entry->room + 2 * sizeof(struct entry *) +
           2 * sizeof(size_t);
}

static void *value_of(struct entry *entry) { return entry->bytes + entry->key_len + 1; }

static void entry_remove(struct cache *cache, struct entry *entry)
{
    struct entry **at = slot_of(cache, entry->hash);
    while (*at != entry) at = &(*at)->next;
    *at = entry->next;
    struct entry *last = cache->heap[--cache->count];
    cache->heap[cache->count] = NULL;
    if (last != entry) {
        heap_put(cache, entry->heap_at, last);
        heap_fix(cache, last);
    }
    cache->used_bytes -= entry_bytes(entry);
    free(entry);
}

static struct entry *entry_find(struct cache *cache, const char *key, int64_t now_ms)
{
    uint64_t hash = hash_of(key);
    struct entry *entry = *slot_of(cache, hash);
    while (entry && (entry->hash != hash || strcmp(entry->bytes, key) != 0)) entry = entry->next;
    if (!entry || entry->ends_ms > now_ms) return entry;
    entry_remove(cache, entry);
    return NULL;
}

static void grow_slots(struct cache *cache)
{
    if (cache->count < cache->slot_count) return;
    struct entry **slots = calloc(cache->slot_count * 2, sizeof(struct entry *));
    if (!slots) return;
    free(cache->slots);
    cache->slots = slots;
    cache->slot_count *= 2;
    for (size_t i = 0; i < cache->count; i++) {
        struct entry **slot = slot_of(cache, cache->heap[i]->hash);
        cache->heap[i]->next = *slot;
        *slot = cache->heap[i];
    }
}

static void entry_link(struct cache *cache, struct entry *entry)
{
    grow_slots(cache);
    struct entry **slot = slot_of(cache, entry->hash);
    entry->next = *slot;
    *slot = entry;
    heap_put(cache, cache->count++, entry);
    heap_up(cache, entry->heap_at);
    cache->used_bytes += entry_bytes(entry);
}

// A new entry with room for len bytes; NULL when it does not fit at all.
static struct entry *entry_create(struct cache *cache, const char *key, size_t len, int64_t ends_ms)
{
    size_t key_len = strlen(key);
    if (key_len > UINT16_MAX || len > cache->cap_bytes || !heap_reserve(cache)) return NULL;
    struct entry *entry = malloc(sizeof *entry + key_len + 1 + len);
    if (!entry) return NULL;
    *entry = (struct entry){
        .hash = hash_of(key), .ends_ms = ends_ms, .len = len, .room = len, .key_len = (uint16_t)key_len};
    memcpy(entry->bytes, key, key_len + 1);
    if (entry_bytes(entry) > cache->cap_bytes) return free(entry), NULL;
    while (cache->used_bytes + entry_bytes(entry) > cache->cap_bytes) {
        assert(cache->count && cache->heap[0]->heap_at == 0);
        entry_remove(cache, cache->heap[0]);
    }
    entry_link(cache, entry);
    return entry;
}

static int64_t end_of(int64_t now_ms, int64_t ttl_ms)
{
    return ttl_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + ttl_ms;
}

static bool not_kept(const char *key, struct err *err)
{
    return err_fail(err, INTERNAL_ERROR, "there is no memory to keep %.64s", key);
}

// ---- Values and counters

static bool set_locked(struct cache *cache, const char *key, const void *value, size_t len, int64_t ends_ms)
{
    struct entry *entry = entry_create(cache, key, len, ends_ms);
    if (entry && len) memcpy(value_of(entry), value, len);
    return entry;
}

bool cache_set(struct cache *cache, const char *key, const void *value, size_t len, int64_t ttl_ms,
               struct err *err)
{
    int64_t now_ms = clock_mono_ms();
    pthread_mutex_lock(&cache->lock);
    struct entry *old = entry_find(cache, key, now_ms);
    if (old) entry_remove(cache, old);
    bool kept = ttl_ms <= 0 || set_locked(cache, key, value, len, end_of(now_ms, ttl_ms));
    pthread_mutex_unlock(&cache->lock);
    return kept || not_kept(key, err);
}

bool cache_get(struct cache *cache, const char *key, void *value, size_t size, long *len, struct err *err)
{
    (void)err;
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = entry_find(cache, key, INT64_MIN);
    if (entry && entry->ends_ms <= clock_mono_ms()) entry_remove(cache, entry), entry = NULL;
    *len = entry ? (long)entry->len : -1;
    if (entry && size) memcpy(value, value_of(entry), entry->len < size ? entry->len : size);
    pthread_mutex_unlock(&cache->lock);
    return true;
}

bool cache_delete(struct cache *cache, const char *key, struct err *err)
{
    (void)err;
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = entry_find(cache, key, INT64_MIN);
    if (entry) entry_remove(cache, entry);
    pthread_mutex_unlock(&cache->lock);
    return true;
}

bool cache_add(struct cache *cache, const char *key, int64_t ttl_ms, bool *first, struct err *err)
{
    int64_t now_ms = clock_mono_ms();
    pthread_mutex_lock(&cache->lock);
    *first = !entry_find(cache, key, now_ms);
    bool kept = !*first || ttl_ms <= 0 || set_locked(cache, key, NULL, 0, end_of(now_ms, ttl_ms));
    pthread_mutex_unlock(&cache->lock);
    return kept || not_kept(key, err);
}

bool cache_count(struct cache *cache, const char *key, int64_t by, int64_t ttl_ms, int64_t *value,
                 struct err *err)
{
    int64_t now_ms = clock_mono_ms();
    bool kept = true;
    *value = 0;
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = entry_find(cache, key, now_ms);
    if (entry && entry->len == sizeof *value) memcpy(value, value_of(entry), sizeof *value);
    *value += by;
    if (entry && entry->len == sizeof *value)
        memcpy(value_of(entry), value, sizeof *value);
    else if (!entry && ttl_ms > 0)
        kept = set_locked(cache, key, value, sizeof *value, end_of(now_ms, ttl_ms));
    pthread_mutex_unlock(&cache->lock);
    return kept || not_kept(key, err);
}

// ---- Token buckets

// What a bucket holds; its entry ends when it would be full, since a full one needs no memory.
struct level {
    double tokens;
    int64_t at_ms;
};

static double memory_refill(struct bucket bucket, const struct level *level, int64_t now_ms)
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

static bool save_level(struct cache *cache, struct entry *entry, const char *key, struct level level,
                       int64_t ends_ms)
{
    if (entry && entry->len != sizeof level) entry_remove(cache, entry), entry = NULL;
    if (!entry) return set_locked(cache, key, &level, sizeof level, ends_ms);
    memcpy(value_of(entry), &level, sizeof level);
    entry->ends_ms = ends_ms;
    heap_fix(cache, entry);
    return true;
}

struct draw {
    struct bucket bucket;
    double least, tokens; // that must be there; that are taken then
};

static bool draw_tokens(struct cache *cache, const char *key, const struct draw *draw,
                        struct bucket_state *state, struct err *err)
{
    struct bucket bucket = draw->bucket;
    int64_t now_ms = clock_mono_ms();
    struct level level = {bucket.burst, now_ms};
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = entry_find(cache, key, now_ms);
    if (entry && entry->len == sizeof level) memcpy(&level, value_of(entry), sizeof level);
    level.tokens = memory_refill(bucket, &level, now_ms);
    if (now_ms > level.at_ms) level.at_ms = now_ms;
    bool allowed = level.tokens >= draw->least;
    if (allowed) level.tokens = fmax(level.tokens - draw->tokens, -bucket.burst);
    int64_t full_ms = ms_until(level.tokens, bucket.burst, bucket.per_second);
    bool kept = save_level(cache, entry, key, level, end_of(now_ms, full_ms));
    pthread_mutex_unlock(&cache->lock);
    *state = (struct bucket_state){.allowed = allowed,
                                   .remaining = level.tokens > 0 ? (uint32_t)level.tokens : 0,
                                   .retry_after_s =
                                       allowed ? 0 : seconds_up(ms_until(level.tokens, 1, bucket.per_second)),
                                   .reset_s = seconds_up(full_ms)};
    return kept || not_kept(key, err);
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
