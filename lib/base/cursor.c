#include "lib/base/cursor.h"

#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

static bool take_offset(const char *text, uint64_t *offset)
{
    uint64_t number = 0;
    if (!*text || (text[0] == '0' && text[1])) return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (number > (UINT64_MAX - digit) / 10) return false;
        number = number * 10 + digit;
    }
    *offset = number;
    return true;
}

bool cursor_parse(const char *text, struct cursor *cursor)
{
    for (int i = 0; i < CURSOR_EPOCH; i++) {
        if (!text[i] || !strchr(letters, text[i])) return false;
        cursor->epoch[i] = text[i];
    }
    cursor->epoch[CURSOR_EPOCH] = 0;
    return text[CURSOR_EPOCH] == '.' && take_offset(text + CURSOR_EPOCH + 1, &cursor->offset);
}

// Without printf: each message to each viewer has one.
void cursor_write(const struct cursor *cursor, char text[CURSOR_TEXT])
{
    char digits[20];
    size_t at = sizeof digits, len = strnlen(cursor->epoch, CURSOR_EPOCH);
    uint64_t offset = cursor->offset;
    do digits[--at] = (char)('0' + offset % 10);
    while (offset /= 10);
    memcpy(text, cursor->epoch, len);
    text[len++] = '.';
    memcpy(text + len, digits + at, sizeof digits - at);
    text[len + sizeof digits - at] = 0;
}

void cursor_epoch(const uint8_t hash[5], char epoch[CURSOR_EPOCH + 1])
{
    uint64_t bits = 0;
    for (int i = 0; i < 5; i++) bits = bits << 8 | hash[i];
    for (int i = CURSOR_EPOCH; i > 0; bits >>= 5) epoch[--i] = letters[bits & 31];
    epoch[CURSOR_EPOCH] = 0;
}
