#include "services/chain/market/ladder.h"

#include <stdlib.h>

enum { BITS = 6, CHILDREN = 1 << BITS };

// Smaller is better on both sides: bids are complemented.
static uint64_t key_of(unsigned side, int64_t price)
{
    uint64_t ascending = (uint64_t)price ^ (uint64_t)1 << 63;

    return side ? ascending : ~ascending;
}

static unsigned place_of(uint64_t key, unsigned shift) { return (unsigned)(key >> shift) & (CHILDREN - 1); }

static uint64_t prefix_of(uint64_t key, unsigned shift) { return key >> shift >> BITS; }

// Every inner node has two children or more, so there are fewer inner nodes than leaves, and no more leaves
// than levels.
bool market_ladder_init(struct market_ladder *ladder, uint32_t max_levels)
{
    *ladder = (struct market_ladder){.fresh_level = 1, .fresh_node = 1};
    ladder->levels = calloc((size_t)max_levels + 1, sizeof(*ladder->levels));
    ladder->nodes = calloc(2 * (size_t)max_levels + 1, sizeof(*ladder->nodes));
    return ladder->levels && ladder->nodes;
}

void market_ladder_finish(struct market_ladder *ladder)
{
    free(ladder->levels);
    free(ladder->nodes);
}

static uint32_t node_take(struct market_ladder *ladder, uint64_t key, unsigned shift)
{
    uint32_t number = ladder->free_node;
    struct market_ladder_node *node;

    if (!number) number = ladder->fresh_node++;
    node = &ladder->nodes[number];
    if (number == ladder->free_node) ladder->free_node = node->parent;
    node->present = 0;
    node->prefix = prefix_of(key, shift);
    node->shift = (uint8_t)shift;
    return number;
}

static void node_give(struct market_ladder *ladder, uint32_t number)
{
    ladder->nodes[number].parent = ladder->free_node;
    ladder->free_node = number;
}

static void market_ladder_attach(struct market_ladder *ladder, uint32_t parent, unsigned place,
                                 uint32_t number)
{
    struct market_ladder_node *node = &ladder->nodes[parent];

    node->present |= (uint64_t)1 << place;
    node->child[place] = number;
    ladder->nodes[number].parent = parent;
    ladder->nodes[number].place = (uint8_t)place;
}

static void market_ladder_hang(struct market_ladder *ladder, unsigned side, uint32_t parent, unsigned place,
                               uint32_t number)
{
    if (parent) {
        market_ladder_attach(ladder, parent, place, number);
        return;
    }
    ladder->root[side] = number;
    ladder->nodes[number].parent = 0;
}

uint32_t market_ladder_find(const struct market_ladder *ladder, unsigned side, int64_t price)
{
    uint64_t key = key_of(side, price);
    uint32_t number = ladder->root[side];

    while (number) {
        const struct market_ladder_node *node = &ladder->nodes[number];
        unsigned place = place_of(key, node->shift);

        if (node->prefix != prefix_of(key, node->shift) || !(node->present >> place & 1)) return 0;
        number = node->child[place];
        if (!node->shift) return number;
    }
    return 0;
}

// A node that replaces one that the key is not under: above it, at the highest bits in which the two differ.
static uint32_t market_ladder_split(struct market_ladder *ladder, unsigned side, uint32_t below, uint64_t key)
{
    struct market_ladder_node old = ladder->nodes[below];
    uint64_t old_key = old.prefix << old.shift << BITS;
    unsigned highest = 63 - (unsigned)__builtin_clzll(prefix_of(key ^ old_key, old.shift)) + old.shift + BITS;
    unsigned shift = highest / BITS * BITS;
    uint32_t number = node_take(ladder, key, shift);

    market_ladder_hang(ladder, side, old.parent, old.place, number);
    market_ladder_attach(ladder, number, place_of(old_key, shift), below);
    return number;
}

// The leaf for the key, made when absent.
static uint32_t leaf_get(struct market_ladder *ladder, unsigned side, uint64_t key)
{
    uint32_t number = ladder->root[side];
    uint32_t leaf;

    while (number) {
        const struct market_ladder_node *node = &ladder->nodes[number];
        unsigned place = place_of(key, node->shift);

        if (node->prefix != prefix_of(key, node->shift)) {
            number = market_ladder_split(ladder, side, number, key);
            break;
        }
        if (!node->shift) return number;
        if (!(node->present >> place & 1)) break;
        number = node->child[place];
    }
    leaf = node_take(ladder, key, 0);
    market_ladder_hang(ladder, side, number, number ? place_of(key, ladder->nodes[number].shift) : 0, leaf);
    return leaf;
}

static uint32_t level_take(struct market_ladder *ladder)
{
    uint32_t number = ladder->free_level;

    if (!number) return ladder->fresh_level++;
    ladder->free_level = ladder->levels[number].head;
    return number;
}

uint32_t market_ladder_get(struct market_ladder *ladder, unsigned side, int64_t price)
{
    uint64_t key = key_of(side, price);
    uint32_t leaf = leaf_get(ladder, side, key);
    struct market_ladder_node *node = &ladder->nodes[leaf];
    unsigned place = place_of(key, 0);
    uint32_t best = ladder->best[side];
    uint32_t number;

    if (node->present >> place & 1) return node->child[place];
    number = level_take(ladder);
    ladder->levels[number] = (struct market_price){.price = price, .leaf = leaf, .side = side};
    node->present |= (uint64_t)1 << place;
    node->child[place] = number;
    if (!best || key < key_of(side, ladder->levels[best].price)) ladder->best[side] = number;
    return number;
}

static uint32_t market_ladder_descend(const struct market_ladder *ladder, uint32_t number)
{
    const struct market_ladder_node *node = &ladder->nodes[number];

    while (node->shift) node = &ladder->nodes[node->child[__builtin_ctzll(node->present)]];
    return node->child[__builtin_ctzll(node->present)];
}

// Removes an empty leaf, and its parent too when only one child is left, which moves up.
static void market_ladder_prune(struct market_ladder *ladder, unsigned side, uint32_t leaf)
{
    uint32_t parent = ladder->nodes[leaf].parent;
    struct market_ladder_node *node = &ladder->nodes[parent];

    node_give(ladder, leaf);
    if (!parent) {
        ladder->root[side] = 0;
        return;
    }
    node->present &= ~((uint64_t)1 << ladder->nodes[leaf].place);
    if (node->present & (node->present - 1)) return;
    market_ladder_hang(ladder, side, node->parent, node->place, node->child[__builtin_ctzll(node->present)]);
    node_give(ladder, parent);
}

void market_ladder_remove(struct market_ladder *ladder, uint32_t number)
{
    struct market_price *level = &ladder->levels[number];
    struct market_ladder_node *node = &ladder->nodes[level->leaf];
    unsigned side = level->side;

    node->present &= ~((uint64_t)1 << place_of(key_of(side, level->price), 0));
    if (!node->present) market_ladder_prune(ladder, side, level->leaf);
    if (number == ladder->best[side])
        ladder->best[side] =
            ladder->root[side]
                ? market_ladder_descend(ladder, node->present ? level->leaf : ladder->root[side])
                : 0;
    level->head = ladder->free_level;
    ladder->free_level = number;
}

uint32_t market_ladder_next(const struct market_ladder *ladder, uint32_t number)
{
    const struct market_price *level = &ladder->levels[number];
    const struct market_ladder_node *node = &ladder->nodes[level->leaf];
    uint64_t worse = node->present >> place_of(key_of(level->side, level->price), 0) >> 1;
    unsigned place = place_of(key_of(level->side, level->price), 0);

    while (!worse && node->parent) {
        place = node->place;
        node = &ladder->nodes[node->parent];
        worse = node->present >> place >> 1;
    }
    if (!worse) return 0;
    number = node->child[place + 1 + (unsigned)__builtin_ctzll(worse)];
    return node->shift ? market_ladder_descend(ladder, number) : number;
}
