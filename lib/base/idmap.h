// Numbers by id: open addressing that doubles, never shrinks and never forgets. One thread at a time.
#ifndef LIB_BASE_IDMAP_H
#define LIB_BASE_IDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/ids.h"

struct idmap_slot {
    struct uuid id; // "" when free
    uint32_t value;
};

struct idmap {
    struct idmap_slot *slots;
    size_t size; // a power of two, or 0
    size_t count;
};

void idmap_finish(struct idmap *map);
// The value's place, valid until the next idmap_add; NULL when absent.
uint32_t *idmap_find(const struct idmap *map, const char *id);
// The place of an id, 0 when new; NULL without memory.
uint32_t *idmap_add(struct idmap *map, const char *id);

#endif
