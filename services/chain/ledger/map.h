// A hash map with keyed hashing, because strangers choose its keys: open addressing, doubling up to a
// maximum, no tombstones. An entry is a struct that begins with a uint64_t for the map's use, then the key,
// then any other fields. Entries move on put and remove.
#ifndef CHAIN_LEDGER_MAP_H
#define CHAIN_LEDGER_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger_map {
    uint8_t *entries;
    size_t entry_bytes;
    size_t key_bytes;
    uint64_t size;
    uint64_t count;
    uint64_t max;
    uint8_t seed[16];
};

// The map allocates its memory at the first put.
void ledger_map_init(struct ledger_map *map, size_t entry_bytes, size_t key_bytes, uint64_t max,
                     const uint8_t seed[16]);
void ledger_map_finish(struct ledger_map *map);

// NULL when absent.
void *ledger_map_find(const struct ledger_map *map, const void *key);
// Makes room for this many more entries, so that put can't fail; false when that passes the maximum or memory
// is short.
bool ledger_map_reserve(struct ledger_map *map, uint64_t more);
// The key must be absent and room reserved; what follows the key is zero.
void *ledger_map_put(struct ledger_map *map, const void *key);
void ledger_map_remove(struct ledger_map *map, void *entry);
// The entry behind this one, in no order; NULL: the first, and the end.
void *ledger_map_next(const struct ledger_map *map, const void *entry);

#endif
