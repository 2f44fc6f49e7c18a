// A hash chain over entries that are salted, so that a leaf tells nothing of its entry. Pure;
// docs/fairness.md has the formulas and how to check them.
#ifndef LIB_BASE_HASH_CHAIN_H
#define LIB_BASE_HASH_CHAIN_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_CHAIN_HASH = 32, HASH_CHAIN_SALT = 32 };

struct hash_chain {
    uint64_t seq;                  // of the newest entry; 0: none
    uint8_t head[HASH_CHAIN_HASH]; // its hash; zeroes before the first
};

// SHA-256(0x00 || salt || entry)
void hash_chain_leaf(uint8_t leaf[HASH_CHAIN_HASH], const uint8_t salt[HASH_CHAIN_SALT], const void *entry,
                     size_t len);
// Moves to the next entry: head = SHA-256(0x01 || head || u64be seq || leaf).
void hash_chain_advance(struct hash_chain *chain, const uint8_t leaf[HASH_CHAIN_HASH]);

#endif
