// Reads documents with operations and fragments; what defines types is refused. Takes time and memory in
// proportion to the text, and recurses only as deep as the limit on nesting.
#ifndef GATEWAY_GRAPHQL_TEXT_PARSER_H
#define GATEWAY_GRAPHQL_TEXT_PARSER_H

#include "services/gateway/graphql/text/ast.h"
#include "services/gateway/graphql/text/faults.h"
#include "services/gateway/graphql/text/limits.h"

// What a document is read with. `under` are the schema's names; all is borrowed for as long as the document.
struct gql_reading {
    const struct gql_names *under;
    const struct gql_limits *limits;
    struct arena *arena;
    struct gql_faults *faults;
};

// The document is in the arena and borrows the text, which may be anything. NULL with one fault:
// GRAPHQL_SYNTAX, _TOO_LONG, _TOO_MANY_TOKENS or _TOO_DEEP, or CALL_TOO_LARGE when the arena is full.
struct ast_document *gql_parse(const char *text, size_t len, const struct gql_reading *reading);

#endif
