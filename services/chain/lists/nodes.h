// The tree over the wallets of a list as they were after one entry of the ledger. It never changes, and
// several threads may have it: making one takes as many hashes as the list has wallets, a proof takes none.
#ifndef CHAIN_LISTS_NODES_H
#define CHAIN_LISTS_NODES_H

#include <stdatomic.h>

#include "lib/base/merkle.h"

struct list_nodes {
    atomic_uint holders;
    uint64_t version; // the entry of the ledger
    uint32_t leaves;
    struct merkle_hash nodes[]; // level by level; the leaves first, the root last
};

// Held by the caller. NULL without memory.
struct list_nodes *list_nodes_create(const struct merkle_hash *leaves, uint32_t count, uint64_t version);
struct list_nodes *list_nodes_hold(struct list_nodes *nodes); // one more holder; returns nodes
void list_nodes_release(struct list_nodes *nodes);            // the last one frees; NULL is fine

struct merkle_hash list_nodes_root(const struct list_nodes *nodes);
// index < leaves.
void list_nodes_prove(const struct list_nodes *nodes, uint32_t index, struct merkle_proof *proof);

#endif
