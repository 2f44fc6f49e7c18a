#include "lib/base/hash_chain.h"

#include <sodium.h>
#include <string.h>

void hash_chain_leaf(uint8_t leaf[HASH_CHAIN_HASH], const uint8_t salt[HASH_CHAIN_SALT], const void *entry,
                     size_t len)
{
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    crypto_hash_sha256_update(&hash, (const uint8_t[]){0x00}, 1);
    crypto_hash_sha256_update(&hash, salt, HASH_CHAIN_SALT);
    crypto_hash_sha256_update(&hash, entry, len);
    crypto_hash_sha256_final(&hash, leaf);
}

void hash_chain_advance(struct hash_chain *chain, const uint8_t leaf[HASH_CHAIN_HASH])
{
    uint8_t bytes[1 + HASH_CHAIN_HASH + 8 + HASH_CHAIN_HASH] = {0x01};
    uint64_t seq = chain->seq + 1;
    memcpy(bytes + 1, chain->head, HASH_CHAIN_HASH);
    for (int i = 0; i < 8; i++) bytes[1 + HASH_CHAIN_HASH + i] = (uint8_t)(seq >> (56 - 8 * i));
    memcpy(bytes + 1 + HASH_CHAIN_HASH + 8, leaf, HASH_CHAIN_HASH);
    crypto_hash_sha256(chain->head, bytes, sizeof bytes);
    chain->seq = seq;
}
