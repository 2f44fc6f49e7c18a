// Solana's addresses and signatures, their text (base58), and the addresses that programs own:
// program-derived ones and associated token accounts. Pure; sodium_init must have been called.
#ifndef CHAIN_SOLANA_KEY_H
#define CHAIN_SOLANA_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOLANA_KEY_BYTES = 32,
    SOLANA_SIGNATURE_BYTES = 64,
    SOLANA_KEY_TEXT = 45,       // with the NUL
    SOLANA_SIGNATURE_TEXT = 89, // with the NUL
    SOLANA_SEEDS_MAX = 16,      // the bump counts as one
    SOLANA_SEED_BYTES_MAX = 32,
};

struct solana_key {
    uint8_t bytes[SOLANA_KEY_BYTES];
};

struct solana_signature {
    uint8_t bytes[SOLANA_SIGNATURE_BYTES];
};

// An Ed25519 key pair as libsodium has it: seed, then public key.
struct solana_signer {
    uint8_t secret[64];
};

struct solana_seed {
    const void *bytes;
    size_t len; // at most SOLANA_SEED_BYTES_MAX
};

extern const struct solana_key SOLANA_SYSTEM_PROGRAM;
extern const struct solana_key SOLANA_COMPUTE_BUDGET_PROGRAM;
extern const struct solana_key SOLANA_MEMO_V1_PROGRAM;
extern const struct solana_key SOLANA_MEMO_PROGRAM; // v3, the one to write with
extern const struct solana_key SOLANA_TOKEN_PROGRAM;
extern const struct solana_key SOLANA_TOKEN_2022_PROGRAM;
extern const struct solana_key SOLANA_ASSOCIATED_TOKEN_PROGRAM;
extern const struct solana_key SOLANA_LOOKUP_TABLE_PROGRAM;

bool solana_key_parse(struct solana_key *key, const char *text);
void solana_key_format(const struct solana_key *key, char out[SOLANA_KEY_TEXT]);
bool solana_key_equal(const struct solana_key *a, const struct solana_key *b);
// True for addresses that a secret key may have. Points outside the main subgroup count, as they do for the
// runtime.
bool solana_key_on_curve(const struct solana_key *key);

bool solana_signature_parse(struct solana_signature *signature, const char *text);
void solana_signature_format(const struct solana_signature *signature, char out[SOLANA_SIGNATURE_TEXT]);

void solana_signer_init(struct solana_signer *signer, const uint8_t seed[32]);
struct solana_key solana_signer_key(const struct solana_signer *signer);
void solana_signer_wipe(struct solana_signer *signer);

// The address of exactly these seeds. False: too many or too long seeds, or an address on the curve.
bool solana_pda_create(struct solana_key *out, const struct solana_key *program,
                       const struct solana_seed *seeds, size_t count);
// The canonical address: that of the highest bump which is off the curve. False: too many or too long seeds.
bool solana_pda_find(struct solana_key *out, uint8_t *bump, const struct solana_key *program,
                     const struct solana_seed *seeds, size_t count);
// As the system program makes addresses of a base, whose signature alone gives them an owner. A seed of at
// most SOLANA_SEED_BYTES_MAX.
void solana_seeded_address(struct solana_key *out, const struct solana_key *base, const char *seed,
                           const struct solana_key *owner);
// token_program: SOLANA_TOKEN_PROGRAM or SOLANA_TOKEN_2022_PROGRAM.
void solana_token_address(struct solana_key *out, const struct solana_key *owner,
                          const struct solana_key *mint, const struct solana_key *token_program);

#endif
