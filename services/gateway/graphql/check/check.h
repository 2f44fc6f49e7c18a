// Whether a document may run: our limits, and every rule of validation that GraphQL's reference
// implementation has (npm graphql 16.15). Takes time in proportion to the document with its fragments in
// their places, which is limited before anything expands them. Recurses as deep as the document's braces.
#ifndef GATEWAY_GRAPHQL_CHECK_CHECK_H
#define GATEWAY_GRAPHQL_CHECK_CHECK_H

#include "services/gateway/graphql/text/ast.h"
#include "services/gateway/graphql/text/faults.h"
#include "services/gateway/graphql/text/limits.h"
#include "services/gateway/graphql/types/types.h"

// The document was read with the schema's names; its nodes then know their fields, types and fragments. False
// with up to GQL_FAULTS_MOST faults: GRAPHQL_INVALID, those of limits, or CALL_TOO_LARGE when the arena is
// full.
bool gql_check(struct ast_document *document, const struct gql_schema *schema,
               const struct gql_limits *limits, struct arena *arena, struct gql_faults *faults);

#endif
