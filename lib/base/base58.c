#include "lib/base/base58.h"

#include <string.h>

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

enum { MAX_DIGITS = BASE58_MAX_BYTES * 138 / 100 + 1 }; // log(256) / log(58) < 1.38

bool base58_encode(char *out, size_t size, const uint8_t *bytes, size_t len)
{
    if (len > BASE58_MAX_BYTES) return false;
    uint8_t digits[MAX_DIGITS]; // least significant first
    size_t count = 0, zeros = 0;
    while (zeros < len && bytes[zeros] == 0) zeros++;
    for (size_t i = zeros; i < len; i++) {
        unsigned carry = bytes[i];
        for (size_t d = 0; d < count; d++) {
            carry += (unsigned)digits[d] << 8;
            digits[d] = (uint8_t)(carry % 58);
            carry /= 58;
        }
        for (; carry; carry /= 58) digits[count++] = (uint8_t)(carry % 58);
    }
    if (zeros + count >= size) return false;
    memset(out, '1', zeros);
    for (size_t d = 0; d < count; d++) out[zeros + d] = alphabet[digits[count - 1 - d]];
    out[zeros + count] = 0;
    return true;
}

// Multiplies the big-endian number in out by 58 and adds digit; false on overflow.
static bool push_digit(uint8_t *out, size_t len, unsigned digit)
{
    unsigned carry = digit;
    for (size_t i = len; i-- > 0;) {
        carry += out[i] * 58U;
        out[i] = (uint8_t)carry;
        carry >>= 8;
    }
    return carry == 0;
}

bool base58_decode(uint8_t *out, size_t len, const char *text)
{
    if (len > BASE58_MAX_BYTES) return false;
    size_t zeros = strspn(text, "1");
    memset(out, 0, len);
    for (const char *p = text; *p; p++) {
        const char *at = strchr(alphabet, *p);
        if (!at || p - text > MAX_DIGITS || !push_digit(out, len, (unsigned)(at - alphabet))) return false;
    }
    size_t leading = 0;
    while (leading < len && out[leading] == 0) leading++;
    return leading == zeros;
}
