// From an order's id to its slot: open addressing, at most half full, no tombstones. Part of the order book;
// it never grows.
#ifndef CHAIN_MARKET_INDEX_H
#define CHAIN_MARKET_INDEX_H

#include <stdbool.h>
#include <stdint.h>

struct market_index_entry {
    uint64_t id;
    uint32_t slot; // 0: free
};

struct market_index {
    struct market_index_entry *entries;
    uint64_t mask;
    uint64_t seed;
};

bool market_index_init(struct market_index *index, uint32_t max_entries, uint64_t seed);
void market_index_finish(struct market_index *index);

// 0 when absent.
uint32_t market_index_find(const struct market_index *index, uint64_t id);
// The id must be absent, the slot not 0, and the entries fewer than max_entries.
void market_index_put(struct market_index *index, uint64_t id, uint32_t slot);
// The id must be present.
void market_index_remove(struct market_index *index, uint64_t id);

#endif
