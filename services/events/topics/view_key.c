#include "services/events/topics/view_key.h"

#include <sodium.h>
#include <string.h>

static void hash_word(crypto_hash_sha256_state *hash, const char *word)
{
    crypto_hash_sha256_update(hash, (const uint8_t *)word, strlen(word) + 1);
}

void view_key_make(uint64_t generation, const char *const *words, size_t count, uint8_t key[VIEW_KEY])
{
    uint8_t digest[crypto_hash_sha256_BYTES], number[8];
    crypto_hash_sha256_state hash;
    for (int i = 0; i < 8; i++) number[i] = (uint8_t)(generation >> (56 - 8 * i));
    crypto_hash_sha256_init(&hash);
    hash_word(&hash, "conse/epoch/1");
    for (size_t i = 0; i < count; i++) hash_word(&hash, words[i]);
    crypto_hash_sha256_update(&hash, number, sizeof number);
    crypto_hash_sha256_final(&hash, digest);
    memcpy(key, digest, VIEW_KEY);
}
