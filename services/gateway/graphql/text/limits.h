// What a document may be. Each limit has its reason in proto/errors.proto.
#ifndef GATEWAY_GRAPHQL_TEXT_LIMITS_H
#define GATEWAY_GRAPHQL_TEXT_LIMITS_H

#include <stdint.h>

struct gql_limits {
    uint32_t bytes, tokens;
    uint32_t nesting; // of braces, lists and types in the text
    uint32_t aliases, directives, fragments, operations;
    // With fragments in their places, for each operation:
    uint32_t depth, schema_depth; // of fields; of those from __schema or __type on
    uint32_t roots, schemas;      // fields that it begins with; __schema among them
    uint32_t fields;              // of all operations together
    uint32_t cost;                // of the operation that runs
};

extern const struct gql_limits gql_limits_open;    // of documents that anybody sends
extern const struct gql_limits gql_limits_trusted; // of the operator's own

#endif
