// Dealing cards so that everyone can recompute it: commitments, seed, shuffle, and the leaves of the Merkle
// tree over the dealt cards (lib/base/merkle.h). Pure. docs/fairness.md states the claim and has every
// formula. Ids are hashed as their 36 characters.
#ifndef EVENTS_GAME_DEAL_H
#define EVENTS_GAME_DEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DEAL_SECRETS = 8,                        // with a commitment each
    DEAL_FURTHER = 1024,                     // with one root for all
    DEAL_MOST = DEAL_SECRETS + DEAL_FURTHER, // the largest k
    DEAL_PROOF = 10,                         // siblings of a further one
    DEAL_HASH = 32,
    DEAL_NONCE = 32,
    DEAL_MAX_SEATS = 100,
    DEAL_MAX_CARDS = 10000,
};

// The secrets of an event's deals. The further ones are derived from a seed, which is as secret as they are.
struct deal_secrets {
    uint8_t first[DEAL_SECRETS][DEAL_HASH];
    uint8_t seed[DEAL_HASH];
    bool further; // the event committed to them
};

struct deal_commitments {
    uint8_t first[DEAL_SECRETS][DEAL_HASH];
    uint8_t further_root[DEAL_HASH];
};

struct deal_role {
    const char *role_id;
    uint32_t copies;
};

struct deal_seat {
    const char *user_id;
    const uint8_t *nonce;
    uint8_t nonce_len; // 0 or DEAL_NONCE
};

struct deal_terms {
    const char *event_id;
    uint32_t k;                    // 1 to DEAL_MOST
    const struct deal_role *roles; // sorted by role id
    size_t roles_count;
    const struct deal_seat *seats; // in seat order
    size_t seats_count;
    const uint8_t *beacon;
    size_t beacon_len;
};

void deal_commit(struct deal_commitments *commitments, const char *event_id,
                 const struct deal_secrets *secrets);
// s_k
void deal_secret(uint8_t secret[DEAL_HASH], const struct deal_secrets *secrets, uint32_t k);
// The siblings that lead from s_k, k > DEAL_SECRETS, to the root of the further secrets.
void deal_prove(uint8_t siblings[DEAL_PROOF][DEAL_HASH], const char *event_id,
                const struct deal_secrets *secrets, uint32_t k);
// Whether this s_k, k > DEAL_SECRETS, is under the root. Takes any proof, also a hostile one.
bool deal_prove_check(const uint8_t root[DEAL_HASH], const char *event_id, uint32_t k,
                      const uint8_t secret[DEAL_HASH], const uint8_t siblings[DEAL_PROOF][DEAL_HASH]);
void deal_commitment(uint8_t out[DEAL_HASH], const char *event_id, uint8_t k,
                     const uint8_t secret[DEAL_HASH]);
void deal_deck_hash(uint8_t out[DEAL_HASH], const struct deal_role *roles, size_t count);
void deal_seed(uint8_t seed[DEAL_HASH], const struct deal_terms *terms, const uint8_t secret[DEAL_HASH]);
// Fisher-Yates from the last card down, with unbiased numbers from ChaCha20(seed).
void deal_shuffle(const uint8_t seed[DEAL_HASH], uint16_t *cards, size_t count);
// The role of each seat, as indexes into terms->roles. False when there are fewer cards than seats, or too
// many of either.
bool deal_cards(const struct deal_terms *terms, const uint8_t secret[DEAL_HASH],
                uint16_t role_of[DEAL_MAX_SEATS]);

void deal_salt(uint8_t salt[DEAL_HASH], const uint8_t secret[DEAL_HASH], uint32_t index);
void deal_leaf(uint8_t leaf[DEAL_HASH], const char *user_id, const char *role_id,
               const uint8_t salt[DEAL_HASH]);

#endif
