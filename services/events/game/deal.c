#include "services/events/game/deal.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/merkle.h"

static void deal_put(crypto_hash_sha256_state *hash, const void *bytes, size_t len)
{
    crypto_hash_sha256_update(hash, bytes, len);
}

static void put_str(crypto_hash_sha256_state *hash, const char *text) { deal_put(hash, text, strlen(text)); }

static void deal_u32be(uint8_t out[4], uint32_t value)
{
    for (int i = 0; i < 4; i++) out[i] = (uint8_t)(value >> (24 - 8 * i));
}

enum { ID_BYTES = 36 };

void deal_commitment(uint8_t out[DEAL_HASH], const char *event_id, uint8_t k, const uint8_t secret[DEAL_HASH])
{
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    put_str(&hash, "conse/deal/secret/1");
    put_str(&hash, event_id);
    deal_put(&hash, &k, 1);
    deal_put(&hash, secret, DEAL_HASH);
    crypto_hash_sha256_final(&hash, out);
}

// Opening some of them reveals nothing of the seed or of the others.
void deal_secret(uint8_t secret[DEAL_HASH], const struct deal_secrets *secrets, uint32_t k)
{
    if (k <= DEAL_SECRETS)
        memcpy(secret, secrets->first[k - 1], DEAL_HASH);
    else
        crypto_kdf_derive_from_key(secret, DEAL_HASH, k, "dealmore", secrets->seed);
}

static struct merkle_hash further_leaf(const char *event_id, uint32_t k, const uint8_t secret[DEAL_HASH])
{
    static const char tag[] = "conse/deal/secret/2";
    uint8_t bytes[sizeof tag - 1 + ID_BYTES + 4 + DEAL_HASH], *at = bytes;
    at = (uint8_t *)memcpy(at, tag, sizeof tag - 1) + sizeof tag - 1;
    at = (uint8_t *)memcpy(at, event_id, ID_BYTES) + ID_BYTES;
    deal_u32be(at, k);
    memcpy(at + 4, secret, DEAL_HASH);
    struct merkle_hash leaf = merkle_leaf(bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
    return leaf;
}

static void further_leaves(struct merkle_hash leaves[DEAL_FURTHER], const char *event_id,
                           const struct deal_secrets *secrets)
{
    uint8_t secret[DEAL_HASH];
    for (uint32_t i = 0; i < DEAL_FURTHER; i++) {
        uint32_t k = DEAL_SECRETS + 1 + i;
        deal_secret(secret, secrets, k);
        leaves[i] = further_leaf(event_id, k, secret);
    }
    sodium_memzero(secret, sizeof secret);
}

void deal_commit(struct deal_commitments *commitments, const char *event_id,
                 const struct deal_secrets *secrets)
{
    struct merkle_hash leaves[DEAL_FURTHER], root;
    for (size_t i = 0; i < DEAL_SECRETS; i++)
        deal_commitment(commitments->first[i], event_id, (uint8_t)(i + 1), secrets->first[i]);
    further_leaves(leaves, event_id, secrets);
    root = merkle_root(leaves, DEAL_FURTHER);
    memcpy(commitments->further_root, root.bytes, DEAL_HASH);
}

void deal_prove(uint8_t siblings[DEAL_PROOF][DEAL_HASH], const char *event_id,
                const struct deal_secrets *secrets, uint32_t k)
{
    struct merkle_hash leaves[DEAL_FURTHER];
    struct merkle_proof proof;
    further_leaves(leaves, event_id, secrets);
    merkle_prove(leaves, DEAL_FURTHER, k - DEAL_SECRETS - 1, &proof);
    for (int i = 0; i < DEAL_PROOF; i++) memcpy(siblings[i], proof.siblings[i].bytes, DEAL_HASH);
}

bool deal_prove_check(const uint8_t root[DEAL_HASH], const char *event_id, uint32_t k,
                      const uint8_t secret[DEAL_HASH], const uint8_t siblings[DEAL_PROOF][DEAL_HASH])
{
    struct merkle_proof proof = {.count = DEAL_PROOF};
    struct merkle_hash expected, leaf;
    if (k <= DEAL_SECRETS || k > DEAL_MOST || strlen(event_id) != ID_BYTES) return false;
    memcpy(expected.bytes, root, DEAL_HASH);
    leaf = further_leaf(event_id, k, secret);
    for (int i = 0; i < DEAL_PROOF; i++) memcpy(proof.siblings[i].bytes, siblings[i], DEAL_HASH);
    return merkle_check(&expected, DEAL_FURTHER, k - DEAL_SECRETS - 1, &leaf, &proof);
}

void deal_deck_hash(uint8_t out[DEAL_HASH], const struct deal_role *roles, size_t count)
{
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    put_str(&hash, "conse/deal/deck/1");
    for (size_t i = 0; i < count; i++) {
        uint8_t copies[4];
        deal_u32be(copies, roles[i].copies);
        put_str(&hash, roles[i].role_id);
        deal_put(&hash, copies, sizeof copies);
    }
    crypto_hash_sha256_final(&hash, out);
}

// One byte of the first secrets, which are all that older events have; four of the further ones.
static void put_k(crypto_hash_sha256_state *hash, uint32_t k)
{
    uint8_t bytes[4];
    deal_u32be(bytes, k);
    if (k <= DEAL_SECRETS)
        deal_put(hash, bytes + 3, 1);
    else
        deal_put(hash, bytes, sizeof bytes);
}

void deal_seed(uint8_t seed[DEAL_HASH], const struct deal_terms *terms, const uint8_t secret[DEAL_HASH])
{
    uint8_t deck_hash[DEAL_HASH];
    deal_deck_hash(deck_hash, terms->roles, terms->roles_count);
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    put_str(&hash, terms->k <= DEAL_SECRETS ? "conse/deal/seed/1" : "conse/deal/seed/2");
    put_str(&hash, terms->event_id);
    put_k(&hash, terms->k);
    deal_put(&hash, deck_hash, DEAL_HASH);
    deal_put(&hash, secret, DEAL_HASH);
    for (size_t i = 0; i < terms->seats_count; i++) {
        const struct deal_seat *seat = &terms->seats[i];
        put_str(&hash, seat->user_id);
        deal_put(&hash, &seat->nonce_len, 1);
        if (seat->nonce_len) deal_put(&hash, seat->nonce, seat->nonce_len);
    }
    if (terms->beacon_len) deal_put(&hash, terms->beacon, terms->beacon_len);
    crypto_hash_sha256_final(&hash, seed);
}

// The key stream of ChaCha20 with a zero nonce, counter from 0, read as consecutive little-endian 32-bit
// numbers.
struct numbers {
    const uint8_t *seed;
    uint64_t block;
    size_t at;
    uint8_t bytes[64];
};

static uint32_t next_number(struct numbers *numbers)
{
    static const uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
    if (numbers->at == sizeof numbers->bytes) {
        memset(numbers->bytes, 0, sizeof numbers->bytes);
        crypto_stream_chacha20_xor_ic(numbers->bytes, numbers->bytes, sizeof numbers->bytes, nonce,
                                      numbers->block++, numbers->seed);
        numbers->at = 0;
    }
    const uint8_t *b = numbers->bytes + numbers->at;
    numbers->at += 4;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

// Uniform below n: numbers from the last, incomplete run of n are discarded.
static uint32_t deal_below(struct numbers *numbers, uint32_t n)
{
    uint64_t limit = (UINT64_C(1) << 32) / n * n;
    uint32_t number;
    do number = next_number(numbers);
    while (number >= limit);
    return number % n;
}

void deal_shuffle(const uint8_t seed[DEAL_HASH], uint16_t *cards, size_t count)
{
    struct numbers numbers = {.seed = seed, .at = sizeof numbers.bytes};
    for (size_t i = count; i > 1; i--) {
        size_t j = deal_below(&numbers, (uint32_t)i);
        uint16_t card = cards[i - 1];
        cards[i - 1] = cards[j];
        cards[j] = card;
    }
    sodium_memzero(&numbers, sizeof numbers);
}

bool deal_cards(const struct deal_terms *terms, const uint8_t secret[DEAL_HASH],
                uint16_t role_of[DEAL_MAX_SEATS])
{
    uint16_t cards[DEAL_MAX_CARDS];
    size_t count = 0;
    for (size_t i = 0; i < terms->roles_count; i++) {
        if (terms->roles[i].copies > DEAL_MAX_CARDS - count) return false;
        for (uint32_t c = 0; c < terms->roles[i].copies; c++) cards[count++] = (uint16_t)i;
    }
    if (terms->seats_count > count || terms->seats_count > DEAL_MAX_SEATS) return false;
    uint8_t seed[DEAL_HASH];
    deal_seed(seed, terms, secret);
    deal_shuffle(seed, cards, count);
    memcpy(role_of, cards, terms->seats_count * sizeof *cards);
    sodium_memzero(seed, sizeof seed);
    return true;
}

void deal_salt(uint8_t salt[DEAL_HASH], const uint8_t secret[DEAL_HASH], uint32_t index)
{
    uint8_t message[8] = "leaf";
    deal_u32be(message + 4, index);
    crypto_auth_hmacsha256(salt, message, sizeof message, secret);
}

void deal_leaf(uint8_t leaf[DEAL_HASH], const char *user_id, const char *role_id,
               const uint8_t salt[DEAL_HASH])
{
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    deal_put(&hash, (const uint8_t[]){0x00}, 1);
    put_str(&hash, user_id);
    put_str(&hash, role_id);
    deal_put(&hash, salt, DEAL_HASH);
    crypto_hash_sha256_final(&hash, leaf);
}
