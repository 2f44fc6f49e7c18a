#include "lib/text/said.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

#include "lib/text/text_form.h"

static bool turns_text(int32_t point)
{
    return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

static bool is_no_character(int32_t point)
{
    return (point & 0xFFFE) == 0xFFFE || (point >= 0xFDD0 && point <= 0xFDEF);
}

static const char *fault_of(int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);
    if (point == '\n') return NULL;
    if (category == UTF8PROC_CATEGORY_CC) return "has control characters";
    if (category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP)
        return "has separators of lines or paragraphs";
    if (turns_text(point)) return "has characters that turn the direction of the text around them";
    return is_no_character(point) ? "has what is no character" : NULL;
}

static bool is_drawn(int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);
    return point != '\n' && category != UTF8PROC_CATEGORY_ZS && category != UTF8PROC_CATEGORY_CF &&
           category != UTF8PROC_CATEGORY_CN;
}

static const char *text_look(const char *text, size_t most)
{
    const uint8_t *at = (const uint8_t *)text;
    bool drawn = false;
    size_t count = 0;
    int32_t point;
    for (utf8proc_ssize_t len; *at; at += len, count++) {
        len = utf8proc_iterate(at, -1, &point);
        const char *fault = len > 0 ? fault_of(point) : "is no UTF-8";
        if (fault) return fault;
        drawn |= is_drawn(point);
    }
    if (count > most) return "is too long";
    return drawn ? NULL : "says nothing";
}

const char *text_say(char *out, size_t size, size_t most, const char *text)
{
    const char *fault = text_nfc(out, size, text) ? text_look(out, most) : "is no UTF-8, or too long";
    if (fault && size) out[0] = 0;
    return fault;
}
