// Any bytes as message and signature: only the issued bytes with the wallet's own signature are accepted, and
// a message made from arbitrary parts has exactly its eleven lines.
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/base58.h"
#include "services/auth/siws.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static char address[BASE58_KEY_TEXT], issued[SIWS_MESSAGE_MAX];
static uint8_t good[crypto_sign_BYTES];

static void prepare(void)
{
    uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    if (*issued || sodium_init() < 0) return;
    crypto_sign_seed_keypair(public, secret, (const uint8_t[32]){1});
    base58_encode(address, sizeof address, public, sizeof public);
    const struct siws parts = {
        "play.example.org", "https://play.example.org", address, "abcdefghijklmnopqrstuv", 1, 1000};
    if (!siws_message(issued, &parts)) abort();
    crypto_sign_detached(good, NULL, (const uint8_t *)issued, strlen(issued), secret);
}

static void check_verify(const char *text, const uint8_t *bytes, size_t len)
{
    uint8_t signature[crypto_sign_BYTES];
    memcpy(signature, good, sizeof signature);
    for (size_t i = 0; i < len && i < sizeof signature; i++) signature[i] ^= bytes[i];
    enum siws_verdict verdict = siws_verify(issued, address, 1000, text, signature, 5);
    if (verdict == SIWS_OK && strcmp(text, issued) != 0) abort();
    if (siws_verify(issued, address, 1000, issued, signature, 5) == SIWS_OK &&
        memcmp(signature, good, sizeof good) != 0)
        abort();
    if (siws_verify(issued, text, 1000, issued, good, 5) == SIWS_OK && strcmp(text, address) != 0) abort();
}

static void check_message(const char *text)
{
    char message[SIWS_MESSAGE_MAX];
    const struct siws parts = {text, "https://play.example.org", address, "nonce", 1, 1000};
    if (!siws_message(message, &parts)) return;
    size_t lines = 1;
    for (const char *p = message; *p; p++) lines += *p == '\n';
    if (lines != 11) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    prepare();
    char *text = calloc(1, len + 1);
    if (!text) return 0;
    memcpy(text, bytes, len);
    check_verify(text, bytes, len);
    check_message(text);
    free(text);
    return 0;
}
