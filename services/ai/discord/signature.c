#include "services/ai/discord/signature.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { STAMP_MOST = 20 };

static bool is_timely(const char *timestamp, int64_t now_ms)
{
    size_t len = strlen(timestamp);
    if (!len || len > STAMP_MOST || strspn(timestamp, "0123456789") != len) return false;
    long long off_s = strtoll(timestamp, NULL, 10) - now_ms / 1000;
    return off_s >= -SIGNATURE_OFF_S && off_s <= SIGNATURE_OFF_S;
}

// Letters of both cases, as the stock libraries.
static bool read_hex(uint8_t signature[crypto_sign_BYTES], const char *text)
{
    size_t len;
    return strlen(text) == 2 * crypto_sign_BYTES &&
           sodium_hex2bin(signature, crypto_sign_BYTES, text, strlen(text), NULL, &len, NULL) == 0 &&
           len == crypto_sign_BYTES;
}

bool signature_is_good(const struct signed_request *request, const uint8_t key[SIGNATURE_KEY], int64_t now_ms)
{
    uint8_t signature[crypto_sign_BYTES];
    if (!read_hex(signature, request->signature) || !is_timely(request->timestamp, now_ms)) return false;
    size_t stamp_len = strlen(request->timestamp), len = stamp_len + request->len;
    uint8_t *whole = malloc(len);
    if (!whole) return false;
    memcpy(whole, request->timestamp, stamp_len);
    if (request->len) memcpy(whole + stamp_len, request->body, request->len);
    bool good = crypto_sign_verify_detached(signature, whole, len, key) == 0;
    free(whole);
    return good;
}
