#include "lib/keys/certificate.h"

#include <sodium.h>
#include <string.h>

static const char *const words[] = {
    [CERTIFIES_CHECKPOINTS] = "conse/checkpoint-key/1",
    [CERTIFIES_LEDGER] = "conse/ledger-key/1",
};

enum { SIGNED_MOST = 64 + PUBLIC_KEY };

static size_t certificate_text(uint8_t text[SIGNED_MOST], enum certificate_use use,
                               const uint8_t public_key[PUBLIC_KEY])
{
    size_t len = strlen(words[use]);
    memcpy(text, words[use], len);
    memcpy(text + len, public_key, PUBLIC_KEY);
    return len + PUBLIC_KEY;
}

void signing_public(const uint8_t seed[KEY_BYTES], uint8_t public_key[PUBLIC_KEY])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(public_key, secret, seed);
    sodium_memzero(secret, sizeof secret);
}

void certificate_make(const uint8_t seed[KEY_BYTES], enum certificate_use use,
                      const uint8_t public_key[PUBLIC_KEY], uint8_t certificate[KEY_CERTIFICATE])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES], identity[PUBLIC_KEY], text[SIGNED_MOST];
    crypto_sign_seed_keypair(identity, secret, seed);
    crypto_sign_detached(certificate, NULL, text, certificate_text(text, use, public_key), secret);
    sodium_memzero(secret, sizeof secret);
}

bool certificate_check(const uint8_t identity[PUBLIC_KEY], enum certificate_use use,
                       const uint8_t public_key[PUBLIC_KEY], const uint8_t certificate[KEY_CERTIFICATE])
{
    uint8_t text[SIGNED_MOST];
    return crypto_sign_verify_detached(certificate, text, certificate_text(text, use, public_key),
                                       identity) == 0;
}
