// What the parser's files share: the token that is next, and nodes by way of the grammar. Each function that
// may fail has told the fault; after a failure all others fail too.
#ifndef GATEWAY_GRAPHQL_TEXT_PARSING_H
#define GATEWAY_GRAPHQL_TEXT_PARSING_H

#include "services/gateway/graphql/text/lexer.h"
#include "services/gateway/graphql/text/parser.h"

struct gql_parser {
    struct gql_lexer lexer;
    struct gql_token token; // the next one
    struct ast_document *document;
    struct arena *arena;
    uint32_t nested, nested_most;
    bool failed;
};

bool gql_parser_advance(struct gql_parser *parser);
bool gql_parser_refuse(struct gql_parser *parser, const char *wanted); // what should stand at the next token
bool gql_parser_expect(struct gql_parser *parser, int kind, const char *wanted);
bool gql_parser_take(struct gql_parser *parser, int kind); // goes on when the next one is of this kind
bool gql_parser_is_word(const struct gql_parser *parser, const char *word);
bool gql_parser_name(struct gql_parser *parser, uint32_t *name);
void *gql_parser_node(struct gql_parser *parser, size_t size); // NULL with a fault

// Around everything that may stand within itself: false with a fault when that is too deep.
bool gql_parser_enter(struct gql_parser *parser);
void gql_parser_leave(struct gql_parser *parser);

// parser_value.c. NULL: failed. `constant`: variables are refused.
struct ast_value *gql_parser_value(struct gql_parser *parser, bool constant);
struct ast_value *gql_parser_description(struct gql_parser *parser); // NULL also when there is none
bool gql_parser_arguments(struct gql_parser *parser, bool constant, struct ast_argument **first);
bool gql_parser_directives(struct gql_parser *parser, bool constant, struct ast_directive **first);
// parser_type.c
struct ast_type *gql_parser_type(struct gql_parser *parser);
bool gql_parser_variables(struct gql_parser *parser, struct ast_variable **first);

#endif
