// A document's tokens, one after another. The text is well-formed UTF-8 without NUL.
#ifndef GATEWAY_GRAPHQL_TEXT_LEXER_H
#define GATEWAY_GRAPHQL_TEXT_LEXER_H

#include "services/gateway/graphql/text/faults.h"

// Punctuators are their own character.
enum gql_token_kind {
    GQL_TOKEN_END,
    GQL_TOKEN_NAME = 'n',
    GQL_TOKEN_INT = 'i',
    GQL_TOKEN_FLOAT = 'f',
    GQL_TOKEN_STRING = '"',
    GQL_TOKEN_BLOCK = 'b',
    GQL_TOKEN_SPREAD = '.',
};

struct gql_token {
    int kind;
    uint32_t at;
    uint32_t len;     // of text
    const char *text; // as written, of strings as meant; in the document or the arena
};

struct gql_lexer {
    const char *text, *at, *end;
    uint32_t tokens, most; // how many so far, and may be
    struct arena *arena;
    struct gql_faults *faults;
};

// The next token; at the end GQL_TOKEN_END again and again. False with a fault.
bool gql_lexer_next(struct gql_lexer *lexer, struct gql_token *token);

// Of a lexer that stands at the quote; lexer_string.c.
bool gql_lexer_string(struct gql_lexer *lexer, struct gql_token *token);
bool gql_lexer_block(struct gql_lexer *lexer, struct gql_token *token);
bool gql_lexer_refuse(const struct gql_lexer *lexer, const char *at, const char *what);

#endif
