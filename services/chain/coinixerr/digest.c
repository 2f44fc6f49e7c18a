#include "services/chain/coinixerr/digest.h"

#include <argon2.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { MEMORY_KIB = 4096, PASSES = 3, LANES = 1, HASH_BYTES = 32, SALT_CHARS = 91, HASH_CHARS = 43 };

struct coinixerr_salt coinixerr_salt_of(const uint8_t secret[32], const char *purpose)
{
    struct coinixerr_salt salt;
    uint8_t bytes[2 * crypto_generichash_BYTES_MAX] = {0};
    for (uint8_t half = 0; half < 2; half++) {
        crypto_generichash_state state;
        crypto_generichash_init(&state, secret, 32, crypto_generichash_BYTES_MAX);
        crypto_generichash_update(&state, (const uint8_t *)purpose, strlen(purpose));
        crypto_generichash_update(&state, &half, 1);
        crypto_generichash_final(&state, bytes + half * crypto_generichash_BYTES_MAX,
                                 crypto_generichash_BYTES_MAX);
    }
    memcpy(salt.bytes, bytes, sizeof salt.bytes);
    return salt;
}

static void write_digest(struct coinixerr_digest *digest, const struct coinixerr_salt *salt,
                         const uint8_t hash[HASH_BYTES])
{
    char first[SALT_CHARS + 1], second[HASH_CHARS + 1];
    sodium_bin2base64(first, sizeof first, salt->bytes, sizeof salt->bytes,
                      sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    sodium_bin2base64(second, sizeof second, hash, HASH_BYTES, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    snprintf(digest->text, sizeof digest->text, "1$%s$%s", first, second);
}

bool coinixerr_digest_make(struct coinixerr_digest *digest, const struct coinixerr_salt *salt,
                           const void *bytes, size_t length)
{
    uint8_t hash[HASH_BYTES];
    if (argon2i_hash_raw(PASSES, MEMORY_KIB, LANES, bytes, length, salt->bytes, sizeof salt->bytes, hash,
                         sizeof hash) != ARGON2_OK)
        return false;
    write_digest(digest, salt, hash);
    return true;
}

static bool read_salt(const struct coinixerr_digest *digest, struct coinixerr_salt *salt)
{
    size_t length;
    return strlen(digest->text) == COINIXERR_DIGEST_CHARS &&
           sodium_base642bin(salt->bytes, sizeof salt->bytes, digest->text + 2, SALT_CHARS, NULL, &length,
                             NULL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
           length == sizeof salt->bytes;
}

bool coinixerr_has_salt(const struct coinixerr_digest *digest, const struct coinixerr_salt *salt)
{
    struct coinixerr_salt shown;
    return read_salt(digest, &shown) && memcmp(&shown, salt, sizeof shown) == 0;
}

bool coinixerr_digest_fits(const struct coinixerr_digest *digest, const void *bytes, size_t length)
{
    struct coinixerr_salt salt;
    struct coinixerr_digest made;
    return read_salt(digest, &salt) && coinixerr_digest_make(&made, &salt, bytes, length) &&
           strcmp(made.text, digest->text) == 0;
}
