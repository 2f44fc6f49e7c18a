// The Merkle tree of RFC 6962 section 2.1 over SHA-256: root, inclusion proof, and its check. Pure; nothing
// is kept between calls.
#ifndef CHAIN_LEDGER_TREE_H
#define CHAIN_LEDGER_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_HASH_BYTES = 32, LEDGER_PROOF_MAX = 32 };

struct ledger_hash {
    uint8_t bytes[LEDGER_HASH_BYTES];
};

// The siblings from the leaf up.
struct ledger_proof {
    struct ledger_hash siblings[LEDGER_PROOF_MAX];
    size_t count;
};

struct ledger_hash ledger_tree_leaf(const void *bytes, size_t length);

// Of no leaves: the hash of nothing.
struct ledger_hash ledger_tree_root(const struct ledger_hash *leaves, uint32_t count);

// index < count.
void ledger_tree_prove(const struct ledger_hash *leaves, uint32_t count, uint32_t index,
                       struct ledger_proof *proof);

// Is the leaf at this index of the tree with this root and this many leaves? Takes any proof, also a hostile
// one.
bool ledger_tree_check(const struct ledger_hash *root, uint32_t count, uint32_t index,
                       const struct ledger_hash *leaf, const struct ledger_proof *proof);

bool ledger_hash_equal(const struct ledger_hash *a, const struct ledger_hash *b);

#endif
