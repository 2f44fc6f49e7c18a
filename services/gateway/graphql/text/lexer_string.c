#include <string.h>

#include "services/gateway/graphql/text/lexer.h"

enum {
    CODE_BAD = 0xffffffff,
    CODE_DIGITS = 8,
    SURROGATE = 0xd800,
    TRAILING = 0xdc00,
    SURROGATES_END = 0xe000
};

static uint32_t string_hex_digit(char c)
{
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0');
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10) : CODE_BAD;
}

// Up to `most` digits; how many there are.
static size_t string_hex(const char *at, const char *end, size_t most, uint32_t *code)
{
    size_t count = 0;
    for (*code = 0; count < most && at + count < end; count++) {
        uint32_t digit = string_hex_digit(at[count]);
        if (digit == CODE_BAD) break;
        *code = *code << 4 | digit;
    }
    return count;
}

static bool string_is_character(uint32_t code)
{
    return code < SURROGATE || (code >= SURROGATES_END && code <= 0x10ffff);
}

static char *string_put(char *out, uint32_t code)
{
    if (code < 0x80) return *out = (char)code, out + 1;
    if (code < 0x800) {
        *out++ = (char)(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *out++ = (char)(0xe0 | code >> 12);
        } else {
            *out++ = (char)(0xf0 | code >> 18);
            *out++ = (char)(0x80 | (code >> 12 & 0x3f));
        }
        *out++ = (char)(0x80 | (code >> 6 & 0x3f));
    }
    *out = (char)(0x80 | (code & 0x3f));
    return out + 1;
}

// "\u{1F600}", at the brace; how many bytes, 0 when it is none.
static size_t string_braced(const char *at, const char *end, uint32_t *code)
{
    size_t digits = string_hex(at + 1, end, CODE_DIGITS, code);
    const char *close = at + 1 + digits;
    bool good = digits > 0 && close < end && *close == '}' && string_is_character(*code);
    return good ? digits + 2 : 0;
}

// "\u00e9" or a pair of surrogates, after the u.
static size_t string_four(const char *at, const char *end, uint32_t *code)
{
    uint32_t low;
    if (string_hex(at, end, 4, code) != 4) return 0;
    if (string_is_character(*code)) return 4;
    if (*code >= TRAILING || end - at < 10 || at[4] != '\\' || at[5] != 'u') return 0;
    if (string_hex(at + 6, end, 4, &low) != 4 || low < TRAILING || low >= SURROGATES_END) return 0;
    *code = 0x10000 + ((*code - SURROGATE) << 10) + (low - TRAILING);
    return 10;
}

// What stands after the backslash; how many bytes, 0 when it is no escape.
static size_t string_escape(const char *at, const char *end, uint32_t *code)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (at == end) return 0;
    if (*at == 'u') {
        size_t size =
            at + 1 < end && at[1] == '{' ? string_braced(at + 1, end, code) : string_four(at + 1, end, code);
        return size ? size + 1 : 0;
    }
    const char *name = memchr(names, *at, sizeof names - 1);
    if (name) *code = (uint32_t)values[name - names];
    return name != NULL;
}

// The closing quote of a string, and whether it has escapes; NULL when the line ends before.
static const char *string_end(const char *at, const char *end, bool *escapes)
{
    for (*escapes = false; at < end && *at != '\n' && *at != '\r'; at++) {
        if (*at == '"') return at;
        if (*at != '\\') continue;
        *escapes = true;
        if (++at == end) break;
    }
    return NULL;
}

static bool string_decode(struct gql_lexer *lexer, struct gql_token *token, const char *at, const char *end)
{
    char *text = arena_alloc(lexer->arena, (size_t)(end - at)), *out = text;
    if (!text) return gql_lexer_refuse(lexer, at, "there is no memory for a string");
    while (at < end) {
        uint32_t code;
        const char *plain = memchr(at, '\\', (size_t)(end - at));
        size_t len = (size_t)((plain ? plain : end) - at);
        memcpy(out, at, len);
        out += len;
        at += len;
        if (!plain) break;
        size_t size = string_escape(at + 1, end, &code);
        if (!size) return gql_lexer_refuse(lexer, at, "a string has an escape that is none");
        out = string_put(out, code);
        at += 1 + size;
    }
    token->text = text;
    token->len = (uint32_t)(out - text);
    return true;
}

bool gql_lexer_string(struct gql_lexer *lexer, struct gql_token *token)
{
    bool escapes;
    const char *begin = lexer->at + 1, *end = string_end(begin, lexer->end, &escapes);
    if (!end) return gql_lexer_refuse(lexer, lexer->at, "a string does not end");
    *token = (struct gql_token){GQL_TOKEN_STRING, token->at, (uint32_t)(end - begin), begin};
    lexer->at = end + 1;
    return !escapes || string_decode(lexer, token, begin, end);
}

// The closing quotes; NULL when there are none.
static const char *block_end(const char *at, const char *end)
{
    for (; (at = memchr(at, '"', (size_t)(end - at))) && end - at >= 3; at++) {
        if (memcmp(at, "\"\"\"", 3) != 0) continue;
        if (at[-1] != '\\') return at; // there are the opening quotes before it
        at += 2;
    }
    return NULL;
}

// Line breaks become \n, and \""" becomes """; how many bytes are written.
static size_t block_copy(const char *at, const char *end, char *out)
{
    char *begin = out;
    for (; at < end; at++) {
        if (*at == '\\' && end - at >= 4 && memcmp(at + 1, "\"\"\"", 3) == 0) continue; // the quotes follow
        if (*at == '\r' && end - at >= 2 && at[1] == '\n') continue;
        *out++ = *at == '\r' ? '\n' : *at;
    }
    return (size_t)(out - begin);
}

struct block_line {
    const char *at;
    size_t len, indent; // blank when they are equal
};

static struct block_line block_line(const char *at, const char *end)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    struct block_line line = {at, (size_t)((stop ? stop : end) - at), 0};
    while (line.indent < line.len && (at[line.indent] == ' ' || at[line.indent] == '\t')) line.indent++;
    return line;
}

struct block_shape {
    size_t indent;           // common to all lines but the first
    const char *first, *end; // of what is not blank: the first line, and the end of the last
};

static struct block_shape block_shape(const char *text, const char *end)
{
    struct block_shape shape = {.indent = SIZE_MAX};
    for (const char *at = text; at <= end;) {
        struct block_line line = block_line(at, end);
        at = line.at + line.len + 1;
        if (line.indent == line.len) continue;
        if (!shape.first) shape.first = line.at;
        shape.end = line.at + line.len;
        if (line.at != text && line.indent < shape.indent) shape.indent = line.indent;
    }
    return shape;
}

// Takes blank lines from both ends, and from all lines but the first the indent that they share. In place.
static size_t block_dedent(char *text, size_t len)
{
    const struct block_shape shape = block_shape(text, text + len);
    char *out = text;
    if (!shape.first) return 0;
    for (const char *at = shape.first; at <= shape.end;) {
        struct block_line line = block_line(at, shape.end);
        size_t cut = at == text ? 0 : shape.indent < line.len ? shape.indent : line.len;
        at = line.at + line.len + 1;
        memmove(out, line.at + cut, line.len - cut);
        out += line.len - cut;
        if (at <= shape.end) *out++ = '\n';
    }
    return (size_t)(out - text);
}

bool gql_lexer_block(struct gql_lexer *lexer, struct gql_token *token)
{
    const char *begin = lexer->at + 3, *end = block_end(begin, lexer->end);
    if (!end) return gql_lexer_refuse(lexer, lexer->at, "a string does not end");
    char *text = arena_alloc(lexer->arena, (size_t)(end - begin));
    if (!text) return gql_lexer_refuse(lexer, lexer->at, "there is no memory for a string");
    size_t len = block_copy(begin, end, text);
    *token = (struct gql_token){GQL_TOKEN_BLOCK, token->at, (uint32_t)block_dedent(text, len), text};
    lexer->at = end + 3;
    return true;
}
