#include "services/chain/solana/key.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "lib/base/base58.h"

static const char MARKER[] = "ProgramDerivedAddress";

const struct solana_key SOLANA_SYSTEM_PROGRAM = {{0}};
const struct solana_key SOLANA_COMPUTE_BUDGET_PROGRAM = {{
    0x03, 0x06, 0x46, 0x6f, 0xe5, 0x21, 0x17, 0x32, 0xff, 0xec, 0xad, 0xba, 0x72, 0xc3, 0x9b, 0xe7,
    0xbc, 0x8c, 0xe5, 0xbb, 0xc5, 0xf7, 0x12, 0x6b, 0x2c, 0x43, 0x9b, 0x3a, 0x40, 0x00, 0x00, 0x00,
}};
const struct solana_key SOLANA_MEMO_V1_PROGRAM = {{
    0x05, 0x4a, 0x53, 0x50, 0xf8, 0x5d, 0xc8, 0x82, 0xd6, 0x14, 0xa5, 0x56, 0x72, 0x78, 0x8a, 0x29,
    0x6d, 0xdf, 0x1e, 0xab, 0xab, 0xd0, 0xa6, 0x06, 0x78, 0x88, 0x49, 0x32, 0xf4, 0xee, 0xf6, 0xa0,
}};
const struct solana_key SOLANA_MEMO_PROGRAM = {{
    0x05, 0x4a, 0x53, 0x5a, 0x99, 0x29, 0x21, 0x06, 0x4d, 0x24, 0xe8, 0x71, 0x60, 0xda, 0x38, 0x7c,
    0x7c, 0x35, 0xb5, 0xdd, 0xbc, 0x92, 0xbb, 0x81, 0xe4, 0x1f, 0xa8, 0x40, 0x41, 0x05, 0x44, 0x8d,
}};
const struct solana_key SOLANA_TOKEN_PROGRAM = {{
    0x06, 0xdd, 0xf6, 0xe1, 0xd7, 0x65, 0xa1, 0x93, 0xd9, 0xcb, 0xe1, 0x46, 0xce, 0xeb, 0x79, 0xac,
    0x1c, 0xb4, 0x85, 0xed, 0x5f, 0x5b, 0x37, 0x91, 0x3a, 0x8c, 0xf5, 0x85, 0x7e, 0xff, 0x00, 0xa9,
}};
const struct solana_key SOLANA_TOKEN_2022_PROGRAM = {{
    0x06, 0xdd, 0xf6, 0xe1, 0xee, 0x75, 0x8f, 0xde, 0x18, 0x42, 0x5d, 0xbc, 0xe4, 0x6c, 0xcd, 0xda,
    0xb6, 0x1a, 0xfc, 0x4d, 0x83, 0xb9, 0x0d, 0x27, 0xfe, 0xbd, 0xf9, 0x28, 0xd8, 0xa1, 0x8b, 0xfc,
}};
const struct solana_key SOLANA_ASSOCIATED_TOKEN_PROGRAM = {{
    0x8c, 0x97, 0x25, 0x8f, 0x4e, 0x24, 0x89, 0xf1, 0xbb, 0x3d, 0x10, 0x29, 0x14, 0x8e, 0x0d, 0x83,
    0x0b, 0x5a, 0x13, 0x99, 0xda, 0xff, 0x10, 0x84, 0x04, 0x8e, 0x7b, 0xd8, 0xdb, 0xe9, 0xf8, 0x59,
}};
const struct solana_key SOLANA_LOOKUP_TABLE_PROGRAM = {{
    0x02, 0x77, 0xa6, 0xaf, 0x97, 0x33, 0x9b, 0x7a, 0xc8, 0x8d, 0x18, 0x92, 0xc9, 0x04, 0x46, 0xf5,
    0x00, 0x02, 0x30, 0x92, 0x66, 0xf6, 0x2e, 0x53, 0xc1, 0x18, 0x24, 0x49, 0x82, 0x00, 0x00, 0x00,
}};

bool solana_key_parse(struct solana_key *key, const char *text)
{
    return base58_decode(key->bytes, sizeof key->bytes, text);
}

void solana_key_format(const struct solana_key *key, char out[SOLANA_KEY_TEXT])
{
    bool fits = base58_encode(out, SOLANA_KEY_TEXT, key->bytes, sizeof key->bytes);
    assert(fits);
    (void)fits;
}

bool solana_key_equal(const struct solana_key *a, const struct solana_key *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

// The base point, 4/5: any point that can be added to it is on the curve. crypto_core_ed25519_is_valid_point
// would also demand the main subgroup, which seven of eight points on the curve are not in.
static const uint8_t BASE_POINT[SOLANA_KEY_BYTES] = {
    0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
};

bool solana_key_on_curve(const struct solana_key *key)
{
    uint8_t sum[SOLANA_KEY_BYTES];
    return crypto_core_ed25519_add(sum, key->bytes, BASE_POINT) == 0;
}

bool solana_signature_parse(struct solana_signature *signature, const char *text)
{
    return base58_decode(signature->bytes, sizeof signature->bytes, text);
}

void solana_signature_format(const struct solana_signature *signature, char out[SOLANA_SIGNATURE_TEXT])
{
    bool fits = base58_encode(out, SOLANA_SIGNATURE_TEXT, signature->bytes, sizeof signature->bytes);
    assert(fits);
    (void)fits;
}

void solana_signer_init(struct solana_signer *signer, const uint8_t seed[32])
{
    struct solana_key key;
    crypto_sign_seed_keypair(key.bytes, signer->secret, seed);
}

struct solana_key solana_signer_key(const struct solana_signer *signer)
{
    struct solana_key key;
    memcpy(key.bytes, signer->secret + 32, sizeof key.bytes);
    return key;
}

void solana_signer_wipe(struct solana_signer *signer) { sodium_memzero(signer, sizeof *signer); }

static bool seeds_fit(const struct solana_seed *seeds, size_t count)
{
    if (count > SOLANA_SEEDS_MAX) return false;
    for (size_t i = 0; i < count; i++)
        if (seeds[i].len > SOLANA_SEED_BYTES_MAX) return false;
    return true;
}

bool solana_pda_create(struct solana_key *out, const struct solana_key *program,
                       const struct solana_seed *seeds, size_t count)
{
    if (!seeds_fit(seeds, count)) return false;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < count; i++) crypto_hash_sha256_update(&state, seeds[i].bytes, seeds[i].len);
    crypto_hash_sha256_update(&state, program->bytes, sizeof program->bytes);
    crypto_hash_sha256_update(&state, (const uint8_t *)MARKER, sizeof MARKER - 1);
    crypto_hash_sha256_final(&state, out->bytes);
    return !solana_key_on_curve(out);
}

bool solana_pda_find(struct solana_key *out, uint8_t *bump, const struct solana_key *program,
                     const struct solana_seed *seeds, size_t count)
{
    if (count >= SOLANA_SEEDS_MAX) return false;
    struct solana_seed all[SOLANA_SEEDS_MAX];
    for (size_t i = 0; i < count; i++) all[i] = seeds[i];
    all[count] = (struct solana_seed){bump, 1};
    for (int b = UINT8_MAX; b >= 0; b--) {
        *bump = (uint8_t)b;
        if (solana_pda_create(out, program, all, count + 1)) return true;
    }
    return false;
}

void solana_seeded_address(struct solana_key *out, const struct solana_key *base, const char *seed,
                           const struct solana_key *owner)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, base->bytes, sizeof base->bytes);
    crypto_hash_sha256_update(&state, (const uint8_t *)seed, strlen(seed));
    crypto_hash_sha256_update(&state, owner->bytes, sizeof owner->bytes);
    crypto_hash_sha256_final(&state, out->bytes);
}

void solana_token_address(struct solana_key *out, const struct solana_key *owner,
                          const struct solana_key *mint, const struct solana_key *token_program)
{
    const struct solana_seed seeds[] = {{owner->bytes, 32}, {token_program->bytes, 32}, {mint->bytes, 32}};
    uint8_t bump;
    bool found = solana_pda_find(out, &bump, &SOLANA_ASSOCIATED_TOKEN_PROGRAM, seeds, 3);
    assert(found);
    (void)found;
}
