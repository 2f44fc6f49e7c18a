#include "lib/text/text_form.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

// A character becomes at most 18 (U+FDFA).
enum { MOST_OF_ONE = 32 };

struct fold_out {
    char *text;
    size_t len, size;
    bool wants_space; // when something follows
};

static bool fold_bytes(struct fold_out *out, const void *bytes, size_t len)
{
    size_t space = out->wants_space && out->len;
    if (len + space >= out->size - out->len) return false;
    if (space) out->text[out->len++] = ' ';
    memcpy(out->text + out->len, bytes, len);
    out->len += len;
    out->wants_space = false;
    return true;
}

// Letters of the Arabic script that Unicode keeps apart and Persian readers do not; 0 for those that are left
// out. Letters with a hamza or madda above have become letter and mark by now.
static int32_t fold_letter(int32_t point)
{
    if (point >= 0x660 && point <= 0x669) return '0' + point - 0x660;
    if (point >= 0x6F0 && point <= 0x6F9) return '0' + point - 0x6F0;
    switch (point) {
    case 0x621: // hamza
    case 0x640: // tatweel
    case 0x674: // high hamza
        return 0;
    case 0x671: // alef wasla
        return 0x627;
    case 0x629: // teh marbuta
    case 0x6BE: // heh of Urdu, of two eyes
    case 0x6C1: // heh of Urdu
    case 0x6C3: // teh marbuta of Urdu
    case 0x6D5: // ae
        return 0x647;
    case 0x643: // kaf
    case 0x6AA: // swash kaf
        return 0x6A9;
    case 0x649: // alef maksura
    case 0x64A: // yeh
    case 0x6D2: // yeh barree
        return 0x6CC;
    default:
        return point;
    }
}

static bool fold_is_blank(int32_t point)
{
    utf8proc_category_t kind = utf8proc_category(point);
    return kind == UTF8PROC_CATEGORY_ZS || kind == UTF8PROC_CATEGORY_ZL || kind == UTF8PROC_CATEGORY_ZP ||
           kind == UTF8PROC_CATEGORY_CC;
}

static bool fold_point(struct fold_out *out, int32_t point)
{
    if (fold_is_blank(point)) return out->wants_space = true;
    point = fold_letter(point);
    uint8_t bytes[4];
    return !point || fold_bytes(out, bytes, (size_t)utf8proc_encode_char(point, bytes));
}

static bool fold_character(struct fold_out *out, int32_t character)
{
    const utf8proc_option_t how =
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE | UTF8PROC_STRIPMARK;
    int32_t points[MOST_OF_ONE];
    int last_class = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(character, points, MOST_OF_ONE, how, &last_class);
    if (count < 0 || count > MOST_OF_ONE) return false;
    for (utf8proc_ssize_t i = 0; i < count; i++)
        if (!fold_point(out, points[i])) return false;
    return true;
}

static bool fold_all(struct fold_out *out, const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    utf8proc_ssize_t left = (utf8proc_ssize_t)strlen(text), len;
    int32_t character;
    for (; left; at += len, left -= len) {
        len = utf8proc_iterate(at, left, &character);
        if (len <= 0 || !fold_character(out, character)) return false;
    }
    return true;
}

bool text_fold(char *out, size_t size, const char *text)
{
    struct fold_out fold = {.text = out, .size = size};
    bool folded = size && fold_all(&fold, text);
    if (size) out[folded ? fold.len : 0] = 0;
    return folded;
}

static bool nfc_points(int32_t *points, utf8proc_ssize_t room, char *out, size_t size, const char *text)
{
    const utf8proc_option_t how = UTF8PROC_COMPOSE | UTF8PROC_STABLE;
    const uint8_t *bytes = (const uint8_t *)text;
    utf8proc_ssize_t count = utf8proc_decompose(bytes, (utf8proc_ssize_t)strlen(text), points, room, how);
    if (count < 0 || count > room) return false;
    utf8proc_ssize_t len = utf8proc_reencode(points, count, how); // in place
    if (len < 0 || (size_t)len >= size) return false;
    memcpy(out, points, (size_t)len);
    out[len] = 0;
    return true;
}

bool text_nfc(char *out, size_t size, const char *text)
{
    if (!size) return false;
    *out = 0;
    utf8proc_ssize_t room = utf8proc_decompose((const uint8_t *)text, (utf8proc_ssize_t)strlen(text), NULL, 0,
                                               UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    if (room < 0) return false;
    size_t bytes = ((size_t)room + 1) * sizeof(int32_t); // reencode ends with a NUL
    int32_t *points = malloc(bytes);
    if (!points) return false;
    bool made = nfc_points(points, room, out, size, text);
    sodium_memzero(points, bytes);
    free(points);
    return made;
}
