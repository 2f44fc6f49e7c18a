// What the files of the cache in memory share: its entries, in a hash table by key and a heap by end of life.
// All is called with the lock held.
#ifndef LIB_CACHE_MEMORY_H
#define LIB_CACHE_MEMORY_H

#include <pthread.h>

#include "lib/cache/cache.h"

struct cache_entry {
    struct cache_entry *next;                   // in its slot
    struct cache_entry *next_drawn, **drawn_at; // among the buckets that gave tokens; NULL: not there
    uint64_t hash;
    int64_t ends_ms;
    size_t heap_at;
    size_t len, room; // of the value
    uint16_t key_len;
    char bytes[]; // the key, its NUL, then the value
};

struct cache {
    pthread_mutex_t lock;
    struct cache_entry **slots; // a power of two
    size_t slot_count;
    struct cache_entry **heap; // the entry nearest its end is heap[0]
    size_t heap_room, count;
    size_t used_bytes, cap_bytes;
    bool exchanges; // what buckets give is told to other processes
    struct cache_entry *drawn;
};

// NULL when there is none that lives.
struct cache_entry *cache_entry_find(struct cache *cache, const char *key, int64_t now_ms);
// A new one with room for len bytes; NULL when it does not fit at all.
struct cache_entry *cache_entry_create(struct cache *cache, const char *key, size_t len, int64_t ends_ms);
void cache_entry_remove(struct cache *cache, struct cache_entry *entry);
void cache_entry_end_at(struct cache *cache, struct cache_entry *entry, int64_t ends_ms);
void *cache_entry_value(struct cache_entry *entry);
void cache_entry_told(struct cache_entry *entry); // no longer among those that gave tokens

int64_t cache_end_of(int64_t now_ms, int64_t ttl_ms);
bool cache_not_kept(const char *key, struct err *err); // always false

#endif
