#include <string.h>

#include "services/gateway/graphql/text/printer.h"

enum { LONG_LINE = 70 };

size_t gql_print_units(const char *text, size_t len)
{
    size_t units = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x80 || c >= 0xc0) units += c >= 0xf0 ? 2 : 1;
    }
    return units;
}

// The control characters after DEL have two bytes in UTF-8, of which the first is always this one.
static bool string_is_c1(const char *text, size_t left)
{
    return left >= 2 && (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0;
}

static void string_put_control(struct buf *out, unsigned char c)
{
    static const char names[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c < sizeof names && names[c])
        buf_printf(out, "\\%c", names[c]);
    else
        buf_printf(out, "\\u%04X", c);
}

void gql_print_string(const char *text, size_t len, struct buf *out)
{
    buf_char(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f)
            string_put_control(out, c);
        else if (string_is_c1(text + i, len - i))
            string_put_control(out, (unsigned char)text[++i]);
        else if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else
            buf_char(out, (char)c);
    }
    buf_char(out, '"');
}

static bool block_is_blank(char c) { return c == ' ' || c == '\t'; }

static bool block_ends(const char *text, size_t len, const char *end, size_t end_len)
{
    return len >= end_len && memcmp(text + len - end_len, end, end_len) == 0;
}

// Every line but the first is empty or begins with a blank.
static bool block_is_indented(const char *text, size_t len)
{
    const char *end = text + len, *at = text;
    while ((at = memchr(at, '\n', (size_t)(end - at)))) {
        at++;
        if (at < end && *at != '\n' && !block_is_blank(*at)) return false;
    }
    return true;
}

// How many quotes end the text that are not part of a """ which is escaped; from the left, as they are found.
static bool block_ends_escaped(const char *text, size_t len)
{
    size_t quotes = 0;
    while (quotes < len && text[len - 1 - quotes] == '"') quotes++;
    return quotes > 0 && quotes % 3 == 0;
}

static void block_put(const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        if (len - i >= 3 && memcmp(text + i, "\"\"\"", 3) == 0) {
            buf_str(out, "\\\"\"\"");
            i += 2;
        } else {
            buf_char(out, text[i]);
        }
    }
}

void gql_print_block(const char *text, size_t len, struct buf *out)
{
    bool single = memchr(text, '\n', len) == NULL, escaped = block_ends_escaped(text, len);
    bool indented = !single && block_is_indented(text, len);
    bool ends = (block_ends(text, len, "\"", 1) && !escaped) || block_ends(text, len, "\\", 1);
    bool lines = !single || gql_print_units(text, len) > LONG_LINE || ends || escaped;
    bool keeps_blank = single && len > 0 && block_is_blank(text[0]);
    buf_str(out, "\"\"\"");
    if ((lines && !keeps_blank) || indented) buf_char(out, '\n');
    block_put(text, len, out);
    if (lines) buf_char(out, '\n');
    buf_str(out, "\"\"\"");
}
