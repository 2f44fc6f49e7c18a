#include "lib/cache/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"

enum { FIRST_SLOTS = 64 };

bool cache_open(struct cache **out, size_t cap_bytes, struct err *err)
{
    struct cache *cache = calloc(1, sizeof *cache);
    struct cache_entry **slots = calloc(FIRST_SLOTS, sizeof(struct cache_entry *));
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

// ---- The heap

static void heap_put(struct cache *cache, size_t at, struct cache_entry *entry)
{
    cache->heap[at] = entry;
    entry->heap_at = at;
}

static void heap_up(struct cache *cache, size_t at)
{
    struct cache_entry *entry = cache->heap[at];
    while (at && cache->heap[(at - 1) / 2]->ends_ms > entry->ends_ms) {
        heap_put(cache, at, cache->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    heap_put(cache, at, entry);
}

static void heap_down(struct cache *cache, size_t at)
{
    struct cache_entry *entry = cache->heap[at];
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

static void heap_fix(struct cache *cache, struct cache_entry *entry)
{
    heap_up(cache, entry->heap_at);
    heap_down(cache, entry->heap_at);
}

static bool heap_reserve(struct cache *cache)
{
    if (cache->count < cache->heap_room) return true;
    size_t room = cache->heap_room ? cache->heap_room * 2 : FIRST_SLOTS;
    struct cache_entry **heap = realloc(cache->heap, room * sizeof(struct cache_entry *));
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

static struct cache_entry **slot_of(const struct cache *cache, uint64_t hash)
{
    return &cache->slots[hash & (cache->slot_count - 1)];
}

static size_t entry_bytes(const struct cache_entry *entry)
{
    // the entry, its places in table and heap, and what malloc adds
    return sizeof *entry + entry->key_len + 1u + entry->room + 2 * sizeof(struct cache_entry *) +
           2 * sizeof(size_t);
}

void *cache_entry_value(struct cache_entry *entry) { return entry->bytes + entry->key_len + 1; }

void cache_entry_told(struct cache_entry *entry)
{
    if (!entry->drawn_at) return;
    *entry->drawn_at = entry->next_drawn;
    if (entry->next_drawn) entry->next_drawn->drawn_at = entry->drawn_at;
    entry->drawn_at = NULL;
}

void cache_entry_remove(struct cache *cache, struct cache_entry *entry)
{
    struct cache_entry **at = slot_of(cache, entry->hash);
    while (*at != entry) at = &(*at)->next;
    *at = entry->next;
    struct cache_entry *last = cache->heap[--cache->count];
    cache->heap[cache->count] = NULL;
    if (last != entry) {
        heap_put(cache, entry->heap_at, last);
        heap_fix(cache, last);
    }
    cache->used_bytes -= entry_bytes(entry);
    cache_entry_told(entry);
    free(entry);
}

void cache_entry_end_at(struct cache *cache, struct cache_entry *entry, int64_t ends_ms)
{
    entry->ends_ms = ends_ms;
    heap_fix(cache, entry);
}

struct cache_entry *cache_entry_find(struct cache *cache, const char *key, int64_t now_ms)
{
    uint64_t hash = hash_of(key);
    struct cache_entry *entry = *slot_of(cache, hash);
    while (entry && (entry->hash != hash || strcmp(entry->bytes, key) != 0)) entry = entry->next;
    if (!entry || entry->ends_ms > now_ms) return entry;
    cache_entry_remove(cache, entry);
    return NULL;
}

static void grow_slots(struct cache *cache)
{
    if (cache->count < cache->slot_count) return;
    struct cache_entry **slots = calloc(cache->slot_count * 2, sizeof(struct cache_entry *));
    if (!slots) return;
    free(cache->slots);
    cache->slots = slots;
    cache->slot_count *= 2;
    for (size_t i = 0; i < cache->count; i++) {
        struct cache_entry **slot = slot_of(cache, cache->heap[i]->hash);
        cache->heap[i]->next = *slot;
        *slot = cache->heap[i];
    }
}

static void entry_link(struct cache *cache, struct cache_entry *entry)
{
    grow_slots(cache);
    struct cache_entry **slot = slot_of(cache, entry->hash);
    entry->next = *slot;
    *slot = entry;
    heap_put(cache, cache->count++, entry);
    heap_up(cache, entry->heap_at);
    cache->used_bytes += entry_bytes(entry);
}

struct cache_entry *cache_entry_create(struct cache *cache, const char *key, size_t len, int64_t ends_ms)
{
    size_t key_len = strlen(key);
    if (key_len > UINT16_MAX || len > cache->cap_bytes || !heap_reserve(cache)) return NULL;
    struct cache_entry *entry = malloc(sizeof *entry + key_len + 1 + len);
    if (!entry) return NULL;
    *entry = (struct cache_entry){
        .hash = hash_of(key), .ends_ms = ends_ms, .len = len, .room = len, .key_len = (uint16_t)key_len};
    memcpy(entry->bytes, key, key_len + 1);
    if (entry_bytes(entry) > cache->cap_bytes) return free(entry), NULL;
    while (cache->used_bytes + entry_bytes(entry) > cache->cap_bytes) {
        assert(cache->count && cache->heap[0]->heap_at == 0);
        cache_entry_remove(cache, cache->heap[0]);
    }
    entry_link(cache, entry);
    return entry;
}

int64_t cache_end_of(int64_t now_ms, int64_t ttl_ms)
{
    return ttl_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + ttl_ms;
}

bool cache_not_kept(const char *key, struct err *err)
{
    return err_fail(err, INTERNAL_ERROR, "there is no memory to keep %.64s", key);
}

// ---- Values and counters

static bool set_locked(struct cache *cache, const char *key, const void *value, size_t len, int64_t ends_ms)
{
    struct cache_entry *entry = cache_entry_create(cache, key, len, ends_ms);
    if (entry && len) memcpy(cache_entry_value(entry), value, len);
    return entry;
}

bool cache_set(struct cache *cache, const char *key, const void *value, size_t len, int64_t ttl_ms,
               struct err *err)
{
    int64_t now_ms = clock_mono_ms();
    pthread_mutex_lock(&cache->lock);
    struct cache_entry *old = cache_entry_find(cache, key, now_ms);
    if (old) cache_entry_remove(cache, old);
    bool kept = ttl_ms <= 0 || set_locked(cache, key, value, len, cache_end_of(now_ms, ttl_ms));
    pthread_mutex_unlock(&cache->lock);
    return kept || cache_not_kept(key, err);
}

bool cache_get(struct cache *cache, const char *key, void *value, size_t size, long *len, struct err *err)
{
    (void)err;
    pthread_mutex_lock(&cache->lock);
    struct cache_entry *entry = cache_entry_find(cache, key, INT64_MIN);
    if (entry && entry->ends_ms <= clock_mono_ms()) cache_entry_remove(cache, entry), entry = NULL;
    *len = entry ? (long)entry->len : -1;
    if (entry && size) memcpy(value, cache_entry_value(entry), entry->len < size ? entry->len : size);
    pthread_mutex_unlock(&cache->lock);
    return true;
}

bool cache_delete(struct cache *cache, const char *key, struct err *err)
{
    (void)err;
    pthread_mutex_lock(&cache->lock);
    struct cache_entry *entry = cache_entry_find(cache, key, INT64_MIN);
    if (entry) cache_entry_remove(cache, entry);
    pthread_mutex_unlock(&cache->lock);
    return true;
}

bool cache_add(struct cache *cache, const char *key, int64_t ttl_ms, bool *first, struct err *err)
{
    int64_t now_ms = clock_mono_ms();
    pthread_mutex_lock(&cache->lock);
    *first = !cache_entry_find(cache, key, now_ms);
    bool kept = !*first || ttl_ms <= 0 || set_locked(cache, key, NULL, 0, cache_end_of(now_ms, ttl_ms));
    pthread_mutex_unlock(&cache->lock);
    return kept || cache_not_kept(key, err);
}

bool cache_count(struct cache *cache, const char *key, int64_t by, int64_t ttl_ms, int64_t *value,
                 struct err *err)
{
    int64_t now_ms = clock_mono_ms();
    bool kept = true;
    *value = 0;
    pthread_mutex_lock(&cache->lock);
    struct cache_entry *entry = cache_entry_find(cache, key, now_ms);
    if (entry && entry->len == sizeof *value) memcpy(value, cache_entry_value(entry), sizeof *value);
    *value += by;
    if (entry && entry->len == sizeof *value)
        memcpy(cache_entry_value(entry), value, sizeof *value);
    else if (!entry && ttl_ms > 0)
        kept = set_locked(cache, key, value, sizeof *value, cache_end_of(now_ms, ttl_ms));
    pthread_mutex_unlock(&cache->lock);
    return kept || cache_not_kept(key, err);
}
