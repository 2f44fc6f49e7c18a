#include "services/chain/market/index.h"

#include <stdlib.h>

// Four entries are a cache line: the low two bits stay, so that consecutive ids are found in the same line.
enum { NEIGHBOURS_BITS = 2, NEIGHBOURS = 1 << NEIGHBOURS_BITS };

static uint64_t market_index_home(const struct market_index *index, uint64_t id)
{
    uint64_t group = ((id >> NEIGHBOURS_BITS) ^ index->seed) * 0x9E3779B97F4A7C15u;

    group = (group ^ (group >> 32)) * 0xD6E8FEB86659FD93u;
    return ((group >> 32) << NEIGHBOURS_BITS | (id & (NEIGHBOURS - 1))) & index->mask;
}

bool market_index_init(struct market_index *index, uint32_t max_entries, uint64_t seed)
{
    uint64_t size = NEIGHBOURS;

    while (size < 2 * (uint64_t)max_entries) size *= 2;
    index->entries = calloc(size, sizeof(*index->entries));
    index->mask = size - 1;
    index->seed = seed;
    return index->entries != NULL;
}

void market_index_finish(struct market_index *index) { free(index->entries); }

uint32_t market_index_find(const struct market_index *index, uint64_t id)
{
    uint64_t at = market_index_home(index, id);

    while (index->entries[at].slot && index->entries[at].id != id) at = (at + 1) & index->mask;
    return index->entries[at].slot;
}

void market_index_put(struct market_index *index, uint64_t id, uint32_t slot)
{
    uint64_t at = market_index_home(index, id);

    while (index->entries[at].slot) at = (at + 1) & index->mask;
    index->entries[at] = (struct market_index_entry){id, slot};
}

// Entries behind the hole move up into it, unless that would put them before their home.
void market_index_remove(struct market_index *index, uint64_t id)
{
    uint64_t hole = market_index_home(index, id);
    uint64_t at;

    while (index->entries[hole].id != id || !index->entries[hole].slot) hole = (hole + 1) & index->mask;
    for (at = (hole + 1) & index->mask; index->entries[at].slot; at = (at + 1) & index->mask) {
        uint64_t wanted = market_index_home(index, index->entries[at].id);

        if (((at - wanted) & index->mask) >= ((at - hole) & index->mask)) {
            index->entries[hole] = index->entries[at];
            hole = at;
        }
    }
    index->entries[hole].slot = 0;
}
