// By ICU's data on confusable characters (UTS 39). Case changes how letters look: "I" looks like "l" and "i"
// does not. So names are compared as capitals, and as the small letters that they look like.
#include "services/events/game/look.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

enum { LOOK_ROOM = 2048, BRAILLE_BLANK = 0x2800, TATWEEL = 0x640, WAVE_DASH = 0x301C };

struct look_text {
    UChar units[LOOK_ROOM];
    int32_t len;
    UErrorCode failed; // sticky
};

static pthread_once_t look_once = PTHREAD_ONCE_INIT;
static USpoofChecker *look_data; // any thread may read both
static const UNormalizer2 *look_forms;

static void look_open(void)
{
    UErrorCode failed = U_ZERO_ERROR;
    look_data = uspoof_open(&failed);
    look_forms = unorm2_getNFKCInstance(&failed);
    if (U_FAILURE(failed)) abort(); // the data is built into the library
}

static void look_read(struct look_text *text, const char *name)
{
    text->failed = U_ZERO_ERROR;
    text->len = 0;
    u_strFromUTF8(text->units, LOOK_ROOM, &text->len, name, -1, &text->failed);
    if (U_FAILURE(text->failed)) text->len = 0;
}

// Blanks, characters that are never drawn, and those that only lengthen a word.
static bool look_is_nothing(UChar32 point)
{
    return u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || u_isUWhiteSpace(point) ||
           point == BRAILLE_BLANK || point == TATWEEL;
}

static void look_strip(struct look_text *text)
{
    UChar32 point;
    int32_t len = 0;
    for (int32_t at = 0; at < text->len;) {
        U16_NEXT(text->units, at, text->len, point);
        if (!look_is_nothing(point)) U16_APPEND_UNSAFE(text->units, len, point);
    }
    text->len = len;
}

typedef int32_t look_map(UChar *out, int32_t room, const struct look_text *text, UErrorCode *failed);

// Letters that differ only in form: full width, ligatures, Arabic within words.
static int32_t look_plain(UChar *out, int32_t room, const struct look_text *text, UErrorCode *failed)
{
    return unorm2_normalize(look_forms, text->units, text->len, out, room, failed);
}

static int32_t look_skeleton(UChar *out, int32_t room, const struct look_text *text, UErrorCode *failed)
{
    return uspoof_getSkeleton(look_data, 0, text->units, text->len, out, room, failed);
}

static int32_t look_capitals(UChar *out, int32_t room, const struct look_text *text, UErrorCode *failed)
{
    return u_strToUpper(out, room, text->units, text->len, "", failed);
}

static int32_t look_small(UChar *out, int32_t room, const struct look_text *text, UErrorCode *failed)
{
    return u_strFoldCase(out, room, text->units, text->len, U_FOLD_CASE_DEFAULT, failed);
}

static void look_apply(struct look_text *text, look_map *map)
{
    const struct look_text from = *text;
    text->len = map(text->units, LOOK_ROOM, &from, &text->failed);
    if (U_FAILURE(text->failed)) text->len = 0;
}

static uint64_t look_hash(const void *bytes, size_t len)
{
    static const uint8_t key[crypto_shorthash_KEYBYTES] = {0};
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, bytes, len, key);
    return hash | 1;
}

// A name that cannot be analysed is like itself alone.
static uint64_t look_end(const struct look_text *text, const char *name)
{
    return U_FAILURE(text->failed) ? look_hash(name, strlen(name))
                                   : look_hash(text->units, (size_t)text->len * sizeof *text->units);
}

struct look look_of(const char *name)
{
    struct look_text large, small;
    pthread_once(&look_once, look_open);
    look_read(&large, name);
    look_apply(&large, look_plain);
    look_strip(&large);
    small = large;
    look_apply(&large, look_capitals);
    look_apply(&large, look_skeleton);
    look_apply(&small, look_skeleton);
    look_apply(&small, look_small);
    look_apply(&small, look_skeleton);
    return (struct look){look_end(&large, name), look_end(&small, name)};
}

bool look_alike(const struct look *a, const struct look *b)
{
    return a->large == b->large || a->small == b->small;
}

// ---- Names that can be told from others, and from their marks

static bool has_sign(const struct look_text *text)
{
    UChar32 point;
    for (int32_t at = 0; at < text->len;) {
        U16_NEXT(text->units, at, text->len, point);
        if (!look_is_nothing(point) && !(U_GET_GC_MASK(point) & U_GC_M_MASK)) return true;
    }
    return false;
}

static bool has_blank_end(const struct look_text *text)
{
    UChar32 first, last;
    U16_GET(text->units, 0, 0, text->len, first);
    U16_GET(text->units, 0, text->len - 1, text->len, last);
    return u_isUWhiteSpace(first) || u_isUWhiteSpace(last);
}

static bool has_mark(const struct look_text *text)
{
    return u_memchr(text->units, '~', text->len) || u_memchr(text->units, WAVE_DASH, text->len);
}

bool look_is_clear(const char *name)
{
    struct look_text text;
    pthread_once(&look_once, look_open);
    look_read(&text, name);
    if (U_FAILURE(text.failed) || text.len == 0 || !has_sign(&text) || has_blank_end(&text)) return false;
    look_apply(&text, look_skeleton);
    return !U_FAILURE(text.failed) && !has_mark(&text);
}
