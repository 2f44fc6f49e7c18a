// Whether two fields have the same arguments, in any order: by a hash with the schema's secret key, so that
// long lists are compared in one walk each, and nobody can make two that collide.
#ifndef GATEWAY_GRAPHQL_CHECK_ARGUMENTS_H
#define GATEWAY_GRAPHQL_CHECK_ARGUMENTS_H

#include "services/gateway/graphql/text/ast.h"

struct argument_hash {
    uint64_t words[2];
};

struct argument_hash arguments_hash(const uint8_t key[GQL_NAMES_KEY], const struct ast_argument *first);
bool arguments_are_same(const struct argument_hash *one, const struct argument_hash *two);

#endif
