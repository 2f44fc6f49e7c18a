#include "lib/keys/certificate.h"

#include <sodium.h>
#include <string.h>

#define WHAT "conse/checkpoint-key/1"

enum { SIGNED = sizeof WHAT - 1 + PUBLIC_KEY };

static void certificate_text(uint8_t text[SIGNED], const uint8_t public_key[PUBLIC_KEY])
{
    memcpy(text, WHAT, sizeof WHAT - 1);
    memcpy(text + sizeof WHAT - 1, public_key, PUBLIC_KEY);
}

void signing_public(const uint8_t seed[KEY_BYTES], uint8_t public_key[PUBLIC_KEY])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(public_key, secret, seed);
    sodium_memzero(secret, sizeof secret);
}

void certificate_make(const uint8_t seed[KEY_BYTES], const uint8_t public_key[PUBLIC_KEY],
                      uint8_t certificate[KEY_CERTIFICATE])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES], identity[PUBLIC_KEY], text[SIGNED];
    crypto_sign_seed_keypair(identity, secret, seed);
    certificate_text(text, public_key);
    crypto_sign_detached(certificate, NULL, text, sizeof text, secret);
    sodium_memzero(secret, sizeof secret);
}

bool certificate_check(const uint8_t identity[PUBLIC_KEY], const uint8_t public_key[PUBLIC_KEY],
                       const uint8_t certificate[KEY_CERTIFICATE])
{
    uint8_t text[SIGNED];
    certificate_text(text, public_key);
    return crypto_sign_verify_detached(certificate, text, sizeof text, identity) == 0;
}
