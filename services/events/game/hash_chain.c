#include "services/events/game/hash_chain.h"

#include <sodium.h>
#include <string.h>

void chain_leaf(uint8_t leaf[CHAIN_HASH], const uint8_t salt[CHAIN_SALT], const void *entry, size_t len)
{
    crypto_hash_sha256_state hash;
    crypto_hash_sha256_init(&hash);
    crypto_hash_sha256_update(&hash, (const uint8_t[]){0x00}, 1);
    crypto_hash_sha256_update(&hash, salt, CHAIN_SALT);
    crypto_hash_sha256_update(&hash, entry, len);
    crypto_hash_sha256_final(&hash, leaf);
}

void chain_advance(struct chain *chain, const uint8_t leaf[CHAIN_HASH])
{
    uint8_t bytes[1 + CHAIN_HASH + 8 + CHAIN_HASH] = {0x01};
    uint64_t seq = chain->seq + 1;
    memcpy(bytes + 1, chain->head, CHAIN_HASH);
    for (int i = 0; i < 8; i++) bytes[1 + CHAIN_HASH + i] = (uint8_t)(seq >> (56 - 8 * i));
    memcpy(bytes + 1 + CHAIN_HASH + 8, leaf, CHAIN_HASH);
    crypto_hash_sha256(chain->head, bytes, sizeof bytes);
    chain->seq = seq;
}

size_t chain_checkpoint(uint8_t out[CHAIN_MAX_SIGNED], const char *event_id, uint32_t phase_number,
                        const uint8_t hash[CHAIN_HASH])
{
    static const char tag[] = "conse/checkpoint/1";
    uint8_t *at = out;
    memcpy(at, tag, sizeof tag - 1);
    at += sizeof tag - 1;
    size_t id_len = strnlen(event_id, 36);
    memcpy(at, event_id, id_len);
    at += id_len;
    for (int i = 0; i < 4; i++) *at++ = (uint8_t)(phase_number >> (24 - 8 * i));
    memcpy(at, hash, CHAIN_HASH);
    return (size_t)(at + CHAIN_HASH - out);
}
