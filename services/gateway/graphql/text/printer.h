// The text of a document in the one form that GraphQL's reference implementation prints (npm graphql 16):
// what two parsers understood alike, they print alike.
#ifndef GATEWAY_GRAPHQL_TEXT_PRINTER_H
#define GATEWAY_GRAPHQL_TEXT_PRINTER_H

#include "lib/base/buf.h"
#include "services/gateway/graphql/text/ast.h"

// Appends; a full buffer says so itself.
void gql_print(const struct ast_document *document, struct buf *out);

// A text as a string, and as one between triple quotes; also for the printed schema. printer_string.c
void gql_print_string(const char *text, size_t len, struct buf *out);
void gql_print_block(const char *text, size_t len, struct buf *out);
size_t gql_print_units(const char *text, size_t len); // its length in UTF-16, as lines are measured

#endif
