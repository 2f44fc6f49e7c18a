#include "lib/base/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"

// Decodes one code point; returns its length in bytes, 0 when malformed (RFC 3629, table 3-7 of the Unicode
// standard).
static size_t text_decode(const unsigned char *s, size_t len, uint32_t *point)
{
    unsigned char lead = s[0];
    if (lead < 0x80) return *point = lead, 1;
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || len < need) return 0;
    uint32_t value = lead & (0x7FU >> need);
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xC0) != 0x80) return 0;
        value = value << 6 | (s[i] & 0x3FU);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[need] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return 0;
    return *point = value, need;
}

size_t text_plain(const char *text, size_t len)
{
    const uint64_t ones = 0x0101010101010101, highs = ones << 7;
    size_t at = 0;
    for (uint64_t word; at + sizeof word <= len; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        // A byte of 0x80 and more has its high bit; adding one sets it for 0x7f, subtracting 0x20 sets it for
        // those below 0x20.
        if ((word | (word + ones) | (word - 0x20 * ones)) & highs) break;
    }
    return at;
}

bool text_is_utf8(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;
    uint32_t point;
    for (size_t at = text_plain(text, len), n; at < len; at += n) {
        n = text_decode(s + at, len - at, &point);
        if (n == 0 || point == 0) return false;
    }
    return true;
}

size_t text_characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++) count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static bool is_control(uint32_t point, bool breaks)
{
    if (breaks && (point == '\n' || point == '\r' || point == '\t')) return false;
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x2028 || point == 0x2029 ||
           (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

bool text_has_controls(const char *text, bool breaks)
{
    size_t len = strlen(text);
    uint32_t point;
    for (size_t at = text_plain(text, len), n; at < len; at += n) {
        n = text_decode((const unsigned char *)text + at, len - at, &point);
        if (n == 0 || is_control(point, breaks)) return true;
    }
    return false;
}

static bool all_of(const char *text, size_t min_len, size_t max_len, const char *allowed)
{
    size_t len = strnlen(text, max_len + 1);
    return len >= min_len && len <= max_len && strspn(text, allowed) == len;
}

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool text_is_username(const char *text) { return all_of(text, 3, 32, DIGITS LOWER UPPER "_.-"); }

bool text_is_phone(const char *text)
{
    return text[0] == '+' && text[1] != '0' && all_of(text + 1, 8, 15, DIGITS);
}

bool text_is_slug(const char *text) { return all_of(text, 1, 64, DIGITS LOWER "-"); }

bool text_is_base58(const char *text, size_t min_len, size_t max_len)
{
    return all_of(text, min_len, max_len, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
}

bool text_is_visible_ascii(const char *text, size_t max_len)
{
    size_t len = strnlen(text, max_len + 1);
    for (size_t i = 0; i < len; i++)
        if (text[i] < 0x21 || text[i] > 0x7E) return false;
    return len >= 1 && len <= max_len;
}

static bool text_fits(const char *text, const char *pattern)
{
    for (; *pattern; pattern++, text++)
        if (*pattern == '0' ? !isdigit((unsigned char)*text) : *text != *pattern) return false;
    return *text == 0;
}

static int text_number(const char *digits) { return (digits[0] - '0') * 10 + digits[1] - '0'; }

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool text_is_local_time(const char *text)
{
    if (!text_fits(text, "0000-00-00T00:00:00")) return false;
    int year = text_number(text) * 100 + text_number(text + 2), month = text_number(text + 5),
        day = text_number(text + 8);
    return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month) &&
           text_number(text + 11) < 24 && text_number(text + 14) < 60 && text_number(text + 17) < 60;
}

bool text_is_room(const char *text)
{
    struct uuid event_id = {""};
    if (strnlen(text, UUID_LEN + 1) <= UUID_LEN || text[UUID_LEN] != '.') return false;
    memcpy(event_id.text, text, UUID_LEN);
    return uuid_check(event_id.text) && all_of(text + UUID_LEN + 1, 1, 48, DIGITS LOWER "-.");
}

bool text_is_zone_name(const char *text)
{
    return all_of(text, 1, 64, DIGITS LOWER UPPER "_+-/") && text[0] != '/' && !strstr(text, "//");
}

void text_lower(char *out, size_t size, const char *text)
{
    size_t i = 0;
    for (; text[i] && i + 1 < size; i++) out[i] = (char)tolower((unsigned char)text[i]);
    if (size) out[i] = 0;
}
