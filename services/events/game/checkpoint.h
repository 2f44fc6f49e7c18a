// What is signed when a phase closes. Pure; docs/fairness.md has the formula.
#ifndef EVENTS_GAME_CHECKPOINT_H
#define EVENTS_GAME_CHECKPOINT_H

#include "lib/base/hash_chain.h"

enum { CHECKPOINT_MOST = 18 + 36 + 4 + HASH_CHAIN_HASH };

// The bytes that are signed for a closed phase: "conse/checkpoint/1" || event_id || u32be phase_number ||
// hash. Returns its length.
size_t checkpoint_message(uint8_t out[CHECKPOINT_MOST], const char *event_id, uint32_t phase_number,
                          const uint8_t hash[HASH_CHAIN_HASH]);

#endif
