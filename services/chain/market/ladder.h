// The price levels of both sides in order of price: a compressed 64-way trie per side over 64-bit keys in
// which smaller is better. Part of the order book; levels and nodes come from pools of the largest size they
// can need. Level 0 means none.
#ifndef CHAIN_MARKET_LADDER_H
#define CHAIN_MARKET_LADDER_H

#include <stdbool.h>
#include <stdint.h>

struct market_price {
    int64_t price;
    uint64_t quantity; // sum over the queue
    uint32_t head;     // the queue's orders, for the owner of the ladder; 0 when empty
    uint32_t tail;
    uint32_t leaf;
    uint32_t side;
    uint32_t orders; // in the queue, for the owner of the ladder; 0 when empty
};

struct market_ladder_node {
    uint64_t present; // bit i: child i is there
    uint64_t prefix;  // the key's bits above this node's six
    uint32_t parent;  // 0 at the root
    uint8_t shift;    // of this node's six bits in the key; 0 in a leaf, whose children are levels
    uint8_t place;    // among the parent's children
    uint32_t child[64];
};

struct market_ladder {
    struct market_price *levels;
    struct market_ladder_node *nodes;
    uint32_t root[2];
    uint32_t best[2]; // the best level by side, 0 when the side is empty
    uint32_t free_level, fresh_level;
    uint32_t free_node, fresh_node;
};

bool market_ladder_init(struct market_ladder *ladder, uint32_t max_levels);
void market_ladder_finish(struct market_ladder *ladder);

// 0 when absent.
uint32_t market_ladder_find(const struct market_ladder *ladder, unsigned side, int64_t price);
// The level of this price, created when absent; fewer than max_levels may exist.
uint32_t market_ladder_get(struct market_ladder *ladder, unsigned side, int64_t price);
void market_ladder_remove(struct market_ladder *ladder, uint32_t level);
// The next worse level, 0 at the end.
uint32_t market_ladder_next(const struct market_ladder *ladder, uint32_t level);

#endif
