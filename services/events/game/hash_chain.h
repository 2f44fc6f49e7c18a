// The hash chain over an event's entries. Pure; docs/fairness.md has the formulas and how to check them.
#ifndef EVENTS_GAME_HASH_CHAIN_H
#define EVENTS_GAME_HASH_CHAIN_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_CHAIN_HASH = 32, HASH_CHAIN_SALT = 32, HASH_CHAIN_MAX_SIGNED = 18 + 36 + 4 + HASH_CHAIN_HASH };

struct hash_chain {
    uint64_t seq;                  // of the newest entry; 0: none
    uint8_t head[HASH_CHAIN_HASH]; // its hash; zeroes before the first
};

// SHA-256(0x00 || salt || entry)
void hash_chain_leaf(uint8_t leaf[HASH_CHAIN_HASH], const uint8_t salt[HASH_CHAIN_SALT], const void *entry,
                     size_t len);
// Moves to the next entry: head = SHA-256(0x01 || head || u64be seq || leaf).
void hash_chain_advance(struct hash_chain *chain, const uint8_t leaf[HASH_CHAIN_HASH]);
// The bytes that are signed for a closed phase: "conse/checkpoint/1" || event_id || u32be phase_number ||
// hash. Returns its length.
size_t hash_chain_checkpoint(uint8_t out[HASH_CHAIN_MAX_SIGNED], const char *event_id, uint32_t phase_number,
                             const uint8_t hash[HASH_CHAIN_HASH]);

#endif
