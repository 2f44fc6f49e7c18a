#include "services/events/game/hash_chain.h"

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

size_t hash_chain_checkpoint(uint8_t out[HASH_CHAIN_MAX_SIGNED], const char *event_id, uint32_t phase_number,
                             const uint8_t hash[HASH_CHAIN_HASH])
{
    static const char tag[] = "conse/checkpoint/1";
    uint8_t *at = out;
    memcpy(at, tag, sizeof tag - 1);
    at += sizeof tag - 1;
    size_t id_len = strnlen(event_id, 36);
    memcpy(at, event_id, id_len);
    at += id_len;
    for (int i = 0; i < 4; i++) *at++ = (uint8_t)(phase_number >> (24 - 8 * i));
    memcpy(at, hash, HASH_CHAIN_HASH);
    return (size_t)(at + HASH_CHAIN_HASH - out);
}
