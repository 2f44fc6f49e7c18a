// The hash chain over an event's entries. Pure; docs/fairness.md has the formulas and how to check them.
#ifndef EVENTS_GAME_HASH_CHAIN_H
#define EVENTS_GAME_HASH_CHAIN_H

#include <stddef.h>
#include <stdint.h>

enum { CHAIN_HASH = 32, CHAIN_SALT = 32, CHAIN_MAX_SIGNED = 18 + 36 + 4 + CHAIN_HASH };

struct chain {
    uint64_t seq;             // of the newest entry; 0: none
    uint8_t head[CHAIN_HASH]; // its hash; zeroes before the first
};

// SHA-256(0x00 || salt || entry)
void chain_leaf(uint8_t leaf[CHAIN_HASH], const uint8_t salt[CHAIN_SALT], const void *entry, size_t len);
// Moves to the next entry: head = SHA-256(0x01 || head || u64be seq || leaf).
void chain_advance(struct chain *chain, const uint8_t leaf[CHAIN_HASH]);
// What is signed of a closed phase: "conse/checkpoint/1" || event_id || u32be phase_number || hash. Returns
// its length.
size_t chain_checkpoint(uint8_t out[CHAIN_MAX_SIGNED], const char *event_id, uint32_t phase_number,
                        const uint8_t hash[CHAIN_HASH]);

#endif
