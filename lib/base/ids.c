#include "lib/base/ids.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

static struct uuid ids_format(const uint8_t bytes[16])
{
    struct uuid uuid = {0};
    char *out = uuid.text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = 0;
    return uuid;
}

// RFC 9562 section 5.7: 48 bits of milliseconds, version, 12 random bits, variant, 62 random bits.
struct uuid uuid_make(int64_t unix_ms, const uint8_t random[10])
{
    uint8_t bytes[16];
    for (int i = 0; i < 6; i++) bytes[i] = (uint8_t)(unix_ms >> (40 - 8 * i));
    memcpy(bytes + 6, random, 10);
    bytes[6] = 0x70 | (bytes[6] & 0x0F);
    bytes[8] = 0x80 | (bytes[8] & 0x3F);
    return ids_format(bytes);
}

// Inside one millisecond the 12 bits after the version count up (RFC 9562 section 6.2, method 1); when they
// overflow, the clock is taken a millisecond ahead.
struct uuid uuid_new(int64_t unix_ms)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static int64_t last_ms;
    static uint16_t counter;
    uint8_t random[10];
    randombytes_buf(random, sizeof random);

    pthread_mutex_lock(&mutex);
    if (unix_ms > last_ms) {
        last_ms = unix_ms;
        counter = (uint16_t)((random[0] << 8 | random[1]) & 0x7FF);
    } else if (++counter > 0xFFF) {
        last_ms++;
        counter = 0;
    }
    unix_ms = last_ms;
    random[0] = (uint8_t)(counter >> 8);
    random[1] = (uint8_t)counter;
    pthread_mutex_unlock(&mutex);
    return uuid_make(unix_ms, random);
}

struct uuid uuid_from(const uint8_t given[16])
{
    uint8_t bytes[16];
    memcpy(bytes, given, sizeof bytes);
    bytes[6] = 0x80 | (bytes[6] & 0x0F);
    bytes[8] = 0x80 | (bytes[8] & 0x3F);
    return ids_format(bytes);
}

bool uuid_check(const char *text)
{
    static const char form[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
    static const char kinds[256] = {['0' ... '9'] = 'h', ['a' ... 'f'] = 'h', ['-'] = '-'};
    int i = 0;
    while (i < UUID_LEN && kinds[(unsigned char)text[i]] == form[i]) i++;
    return i == UUID_LEN && text[UUID_LEN] == 0;
}

void uuid_bytes(const char *text, uint8_t bytes[16])
{
    char hex[33] = "";
    size_t len = 0;
    for (; *text && len < sizeof hex - 1; text++)
        if (*text != '-') hex[len++] = *text;
    if (!hex_decode(bytes, 16, hex)) memset(bytes, 0, 16);
}

struct uuid uuid_text(const uint8_t bytes[16]) { return ids_format(bytes); }

void uuid_lower(char *text)
{
    struct uuid lower;
    if (uuid_check(text) || strnlen(text, UUID_LEN + 1) != UUID_LEN) return;
    for (int i = 0; i <= UUID_LEN; i++)
        lower.text[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] | 0x20 : text[i]);
    if (uuid_check(lower.text)) memcpy(text, lower.text, UUID_LEN);
}

void hex_encode(char *out, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = 0;
}

static int ids_digit(char c)
{
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool hex_decode(uint8_t *out, size_t len, const char *text)
{
    if (strlen(text) != 2 * len) return false;
    for (size_t i = 0; i < len; i++) {
        int high = ids_digit(text[2 * i]), low = ids_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
