#include "services/auth/siws.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/base58.h"
#include "lib/base/stamp.h"
#include "lib/base/text.h"

// The layout is that of EIP-4361, with Solana's words, as wallets show it.
bool siws_message(char out[SIWS_MESSAGE_MAX], const struct siws *parts)
{
    const char *const texts[] = {parts->domain, parts->uri, parts->address, parts->nonce};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!*texts[i] || text_has_controls(texts[i], false)) return false;
    char issued[STAMP_TEXT], expires[STAMP_TEXT];
    stamp_print(issued, parts->issued_ms);
    stamp_print(expires, parts->expires_ms);
    int n = snprintf(
        out, SIWS_MESSAGE_MAX,
        "%s wants you to sign in with your Solana account:\n%s\n\nSign in to Conse.\n\nURI: %s\nVersion: 1\n"
        "Chain ID: mainnet\nNonce: %s\nIssued At: %s\nExpiration Time: %s",
        parts->domain, parts->address, parts->uri, parts->nonce, issued, expires);
    return n > 0 && n < SIWS_MESSAGE_MAX;
}

enum siws_verdict siws_verify(const char *issued, const char *address, int64_t expires_ms,
                              const char *message, const uint8_t signature[64], int64_t now_ms)
{
    uint8_t key[crypto_sign_PUBLICKEYBYTES];
    size_t len = strlen(issued);
    if (strlen(message) != len || memcmp(message, issued, len) != 0) return SIWS_MESSAGE_DIFFERS;
    if (now_ms >= expires_ms) return SIWS_EXPIRED;
    if (!base58_decode(key, sizeof key, address)) return SIWS_BAD_SIGNATURE;
    bool good = crypto_sign_verify_detached(signature, (const uint8_t *)issued, len, key) == 0;
    return good ? SIWS_OK : SIWS_BAD_SIGNATURE;
}
