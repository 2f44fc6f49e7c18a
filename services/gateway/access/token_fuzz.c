// Header and claims of a token, the two lines of the input, signed with the right key: only claims that are
// whole and in bounds are good. The same bytes as a token with a valid signature of other bytes are never
// good.
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/access/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { NOW_S = 1800000000, SKEW_S = 60, TEXT = 4096, BASE64URL = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

// The key signs with the seed that is all ones; it is called "k".
static void make_key(struct token_keys *keys, uint8_t secret[crypto_sign_SECRETKEYBYTES])
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    memset(seed, 1, sizeof seed);
    *keys = (struct token_keys){.count = 1, .keys = {{.kid = "k"}}};
    if (sodium_init() < 0) abort();
    crypto_sign_seed_keypair(keys->keys[0].public_key, secret, seed);
}

static void put_base64(char *token, const void *bytes, size_t len)
{
    size_t at = strlen(token);
    sodium_bin2base64(token + at, TEXT - at, bytes, len, BASE64URL);
}

static void sign(char *token, const char *message, const uint8_t secret[crypto_sign_SECRETKEYBYTES])
{
    uint8_t signature[crypto_sign_BYTES];
    crypto_sign_detached(signature, NULL, (const uint8_t *)message, strlen(message), secret);
    strcat(token, ".");
    put_base64(token, signature, sizeof signature);
}

static void check_good(const struct token_claims *claims)
{
    assert(uuid_check(claims->user_id) && *claims->username && *claims->session_id);
    assert(claims->level >= 1 && claims->level <= 3);
    assert(claims->issued_s >= 0 && claims->issued_s <= NOW_S + SKEW_S && claims->expires_s > NOW_S);
}

static void check_signed(const char *text, size_t len, const struct token_keys *keys, const uint8_t *secret)
{
    char token[TEXT] = "", message[TEXT];
    struct token_claims claims;
    size_t header = strcspn(text, "\n");
    put_base64(token, text, header);
    strcat(token, ".");
    if (header < len) put_base64(token, text + header + 1, len - header - 1);
    strcpy(message, token);
    sign(token, message, secret);
    if (token_verify(token, keys, NOW_S, &claims) == TOKEN_GOOD) check_good(&claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    struct token_keys keys;
    struct token_claims claims;
    char raw[TEXT] = "";
    char *text = strndup((const char *)bytes, len < TEXT / 3 ? len : TEXT / 3);
    if (!text) abort();
    make_key(&keys, secret);
    check_signed(text, strlen(text), &keys, secret);
    strcat(raw, text);
    sign(raw, "something else", secret);
    assert(token_verify(raw, &keys, NOW_S, &claims) != TOKEN_GOOD);
    free(text);
    return 0;
}
