// The Merkle tree of RFC 6962 section 2.1 over SHA-256: root, inclusion proof, and its check. Pure; nothing
// is kept between calls.
#ifndef LIB_BASE_MERKLE_H
#define LIB_BASE_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MERKLE_HASH_BYTES = 32, MERKLE_PROOF_MAX = 32 };

struct merkle_hash {
    uint8_t bytes[MERKLE_HASH_BYTES];
};

// The siblings, from the leaf up.
struct merkle_proof {
    struct merkle_hash siblings[MERKLE_PROOF_MAX];
    size_t count;
};

struct merkle_hash merkle_leaf(const void *bytes, size_t length);

// With no leaves, SHA-256 of the empty string.
struct merkle_hash merkle_root(const struct merkle_hash *leaves, uint32_t count);

// index < count.
void merkle_prove(const struct merkle_hash *leaves, uint32_t count, uint32_t index,
                  struct merkle_proof *proof);

// Whether the leaf is at this index of the tree with this root and this many leaves. Takes any proof, also a
// hostile one.
bool merkle_check(const struct merkle_hash *root, uint32_t count, uint32_t index,
                  const struct merkle_hash *leaf, const struct merkle_proof *proof);

bool merkle_hash_equal(const struct merkle_hash *a, const struct merkle_hash *b);

#endif
