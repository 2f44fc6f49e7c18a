#include "services/gateway/graphql/text/lexer.h"

#include <string.h>

enum { CHAR_OTHER, CHAR_BLANK, CHAR_PUNCTUATOR, CHAR_LETTER, CHAR_DIGIT };

static const uint8_t classes[256] = {
    [' '] = CHAR_BLANK,         ['\t'] = CHAR_BLANK,         ['\n'] = CHAR_BLANK,
    ['\r'] = CHAR_BLANK,        [','] = CHAR_BLANK,          ['!'] = CHAR_PUNCTUATOR,
    ['$'] = CHAR_PUNCTUATOR,    ['&'] = CHAR_PUNCTUATOR,     ['('] = CHAR_PUNCTUATOR,
    [')'] = CHAR_PUNCTUATOR,    [':'] = CHAR_PUNCTUATOR,     ['='] = CHAR_PUNCTUATOR,
    ['@'] = CHAR_PUNCTUATOR,    ['['] = CHAR_PUNCTUATOR,     [']'] = CHAR_PUNCTUATOR,
    ['{'] = CHAR_PUNCTUATOR,    ['|'] = CHAR_PUNCTUATOR,     ['}'] = CHAR_PUNCTUATOR,
    ['_'] = CHAR_LETTER,        ['A' ... 'Z'] = CHAR_LETTER, ['a' ... 'z'] = CHAR_LETTER,
    ['0' ... '9'] = CHAR_DIGIT,
};

static const char byte_order_mark[] = "\xef\xbb\xbf";

static int lexer_class(const struct gql_lexer *lexer, const char *at)
{
    return at < lexer->end ? classes[(unsigned char)*at] : CHAR_OTHER;
}

bool gql_lexer_refuse(const struct gql_lexer *lexer, const char *at, const char *what)
{
    return gql_fault(lexer->faults, GRAPHQL_SYNTAX, NULL, (uint32_t)(at - lexer->text), "%s", what);
}

static bool lexer_begins(const struct gql_lexer *lexer, const char *what, size_t len)
{
    return (size_t)(lexer->end - lexer->at) >= len && memcmp(lexer->at, what, len) == 0;
}

static void lexer_skip_comment(struct gql_lexer *lexer)
{
    while (lexer->at < lexer->end && *lexer->at != '\n' && *lexer->at != '\r') lexer->at++;
}

// Blanks, commas, comments and byte order marks, which may be anywhere.
static void lexer_skip_ignored(struct gql_lexer *lexer)
{
    while (lexer->at < lexer->end) {
        if (lexer_class(lexer, lexer->at) == CHAR_BLANK)
            lexer->at++;
        else if (*lexer->at == '#')
            lexer_skip_comment(lexer);
        else if (lexer_begins(lexer, byte_order_mark, 3))
            lexer->at += 3;
        else
            return;
    }
}

static bool lexer_take(struct gql_lexer *lexer, struct gql_token *token, int kind, const char *end)
{
    token->kind = kind;
    token->text = lexer->at;
    token->len = (uint32_t)(end - lexer->at);
    lexer->at = end;
    return true;
}

static bool lexer_name(struct gql_lexer *lexer, struct gql_token *token)
{
    const char *end = lexer->at;
    while (lexer_class(lexer, end) >= CHAR_LETTER) end++;
    return lexer_take(lexer, token, GQL_TOKEN_NAME, end);
}

// One digit at least.
static bool lexer_digits(const struct gql_lexer *lexer, const char **at)
{
    if (lexer_class(lexer, *at) != CHAR_DIGIT)
        return gql_lexer_refuse(lexer, *at, "a digit is missing in a number");
    while (lexer_class(lexer, *at) == CHAR_DIGIT) ++*at;
    return true;
}

static bool lexer_is_at(const struct gql_lexer *lexer, const char *at, char one, char two)
{
    return at < lexer->end && (*at == one || *at == two);
}

static bool lexer_whole(const struct gql_lexer *lexer, const char **at)
{
    bool zero = lexer_is_at(lexer, *at, '0', '0');
    if (!zero) return lexer_digits(lexer, at);
    ++*at;
    return lexer_class(lexer, *at) != CHAR_DIGIT ||
           gql_lexer_refuse(lexer, *at, "a digit follows the zero of a number");
}

static bool lexer_number(struct gql_lexer *lexer, struct gql_token *token)
{
    const char *at = lexer->at + (*lexer->at == '-');
    int kind = GQL_TOKEN_INT;
    if (!lexer_whole(lexer, &at)) return false;
    if (lexer_is_at(lexer, at, '.', '.')) {
        kind = GQL_TOKEN_FLOAT;
        if (at++, !lexer_digits(lexer, &at)) return false;
    }
    if (lexer_is_at(lexer, at, 'e', 'E')) {
        kind = GQL_TOKEN_FLOAT;
        at++;
        if (lexer_is_at(lexer, at, '+', '-')) at++;
        if (!lexer_digits(lexer, &at)) return false;
    }
    if (lexer_is_at(lexer, at, '.', '.') || lexer_class(lexer, at) == CHAR_LETTER)
        return gql_lexer_refuse(lexer, at, "a number has more than digits");
    return lexer_take(lexer, token, kind, at);
}

static bool lexer_token(struct gql_lexer *lexer, struct gql_token *token)
{
    switch (lexer_class(lexer, lexer->at)) {
    case CHAR_LETTER:
        return lexer_name(lexer, token);
    case CHAR_PUNCTUATOR:
        return lexer_take(lexer, token, *lexer->at, lexer->at + 1);
    case CHAR_DIGIT:
        return lexer_number(lexer, token);
    default:
        break;
    }
    if (*lexer->at == '-') return lexer_number(lexer, token);
    if (lexer_begins(lexer, "...", 3)) return lexer_take(lexer, token, GQL_TOKEN_SPREAD, lexer->at + 3);
    if (lexer_begins(lexer, "\"\"\"", 3)) return gql_lexer_block(lexer, token);
    if (*lexer->at == '"') return gql_lexer_string(lexer, token);
    return gql_lexer_refuse(lexer, lexer->at, "there is a character that no token begins with");
}

bool gql_lexer_next(struct gql_lexer *lexer, struct gql_token *token)
{
    lexer_skip_ignored(lexer);
    *token = (struct gql_token){.at = (uint32_t)(lexer->at - lexer->text)};
    if (lexer->at == lexer->end) return true;
    if (!lexer_token(lexer, token)) return false;
    return ++lexer->tokens <= lexer->most ||
           gql_fault(lexer->faults, GRAPHQL_TOO_MANY_TOKENS, NULL, token->at, "there are more than %u tokens",
                     lexer->most);
}
