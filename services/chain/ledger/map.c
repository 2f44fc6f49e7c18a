#include "services/chain/ledger/map.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 16 };

void ledger_map_init(struct ledger_map *map, size_t entry_bytes, size_t key_bytes, uint64_t max,
                     const uint8_t seed[16])
{
    *map = (struct ledger_map){.entry_bytes = entry_bytes, .key_bytes = key_bytes, .max = max};
    memcpy(map->seed, seed, sizeof(map->seed));
}

void ledger_map_finish(struct ledger_map *map) { free(map->entries); }

static uint8_t *entry_at(const struct ledger_map *map, uint64_t place)
{
    return map->entries + place * map->entry_bytes;
}

// 0 marks a free place, so no hash is 0.
static uint64_t hash_at(const struct ledger_map *map, uint64_t place)
{
    uint64_t hash;

    memcpy(&hash, entry_at(map, place), sizeof(hash));
    return hash;
}

static uint64_t hash_of(const struct ledger_map *map, const void *key)
{
    uint64_t hash;

    crypto_shorthash((uint8_t *)&hash, key, map->key_bytes, map->seed);
    return hash ? hash : 1;
}

static uint64_t place_after(const struct ledger_map *map, uint64_t place)
{
    return (place + 1) & (map->size - 1);
}

static uint64_t free_place(const struct ledger_map *map, uint64_t hash)
{
    uint64_t place = hash & (map->size - 1);

    while (hash_at(map, place)) place = place_after(map, place);
    return place;
}

void *ledger_map_find(const struct ledger_map *map, const void *key)
{
    uint64_t hash = hash_of(map, key);
    uint64_t place = hash & (map->size - 1);

    if (!map->size) return NULL;
    for (; hash_at(map, place); place = place_after(map, place)) {
        uint8_t *entry = entry_at(map, place);

        if (hash_at(map, place) == hash && memcmp(entry + sizeof(hash), key, map->key_bytes) == 0)
            return entry;
    }
    return NULL;
}

static bool ledger_map_resize(struct ledger_map *map, uint64_t size)
{
    struct ledger_map old = *map;

    map->entries = calloc(size, map->entry_bytes);
    if (!map->entries) {
        *map = old;
        return false;
    }
    map->size = size;
    for (uint64_t place = 0; place < old.size; place++)
        if (hash_at(&old, place))
            memcpy(entry_at(map, free_place(map, hash_at(&old, place))), entry_at(&old, place),
                   map->entry_bytes);
    free(old.entries);
    return true;
}

bool ledger_map_reserve(struct ledger_map *map, uint64_t more)
{
    uint64_t size = map->size ? map->size : SMALLEST;

    if (more > map->max || map->count > map->max - more) return false;
    while (size < 2 * (map->count + more)) size *= 2;
    return size == map->size || ledger_map_resize(map, size);
}

void *ledger_map_put(struct ledger_map *map, const void *key)
{
    uint64_t hash = hash_of(map, key);
    uint8_t *entry = entry_at(map, free_place(map, hash));

    memset(entry, 0, map->entry_bytes);
    memcpy(entry, &hash, sizeof(hash));
    memcpy(entry + sizeof(hash), key, map->key_bytes);
    map->count++;
    return entry;
}

// Entries behind the hole move up into it, unless that would put them before their home.
void ledger_map_remove(struct ledger_map *map, void *entry)
{
    uint64_t hole = (uint64_t)((uint8_t *)entry - map->entries) / map->entry_bytes;
    uint64_t mask = map->size - 1;

    for (uint64_t place = place_after(map, hole); hash_at(map, place); place = place_after(map, place)) {
        uint64_t from_home = (place - hash_at(map, place)) & mask;

        if (from_home < ((place - hole) & mask)) continue;
        memcpy(entry_at(map, hole), entry_at(map, place), map->entry_bytes);
        hole = place;
    }
    memset(entry_at(map, hole), 0, map->entry_bytes);
    map->count--;
}

void *ledger_map_next(const struct ledger_map *map, const void *entry)
{
    uint64_t place = entry ? (uint64_t)((const uint8_t *)entry - map->entries) / map->entry_bytes + 1 : 0;
    while (place < map->size && !hash_at(map, place)) place++;
    return place < map->size ? entry_at(map, place) : NULL;
}
