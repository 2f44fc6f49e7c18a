#include "lib/base/idmap.h"

#include <stdlib.h>
#include <string.h>

// The last digits of a UUID are random, so they hash by themselves.
static size_t idmap_home(const struct idmap *map, const char *id)
{
    uint64_t tail;
    memcpy(&tail, id + UUID_LEN - sizeof tail, sizeof tail);
    return (tail * UINT64_C(0x9E3779B97F4A7C15)) >> 20 & (map->size - 1);
}

static struct idmap_slot *slot_of(const struct idmap *map, const char *id)
{
    size_t at = idmap_home(map, id);
    while (map->slots[at].id.text[0] && memcmp(map->slots[at].id.text, id, UUID_LEN) != 0)
        at = (at + 1) & (map->size - 1);
    return &map->slots[at];
}

static bool idmap_grow(struct idmap *map)
{
    struct idmap bigger = {.size = map->size ? map->size * 2 : 16, .count = map->count};
    bigger.slots = calloc(bigger.size, sizeof *bigger.slots);
    if (!bigger.slots) return false;
    for (size_t i = 0; i < map->size; i++)
        if (map->slots[i].id.text[0]) *slot_of(&bigger, map->slots[i].id.text) = map->slots[i];
    free(map->slots);
    *map = bigger;
    return true;
}

void idmap_finish(struct idmap *map)
{
    free(map->slots);
    *map = (struct idmap){0};
}

uint32_t *idmap_find(const struct idmap *map, const char *id)
{
    if (map->size == 0 || strnlen(id, UUID_LEN) < UUID_LEN) return NULL;
    struct idmap_slot *slot = slot_of(map, id);
    return slot->id.text[0] ? &slot->value : NULL;
}

uint32_t *idmap_add(struct idmap *map, const char *id)
{
    if ((map->count + 1) * 4 > map->size * 3 && !idmap_grow(map)) return NULL;
    struct idmap_slot *slot = slot_of(map, id);
    if (!slot->id.text[0]) {
        memcpy(slot->id.text, id, UUID_LEN);
        map->count++;
    }
    return &slot->value;
}
