// The types that GraphQL shows, made of the routes, the messages they carry and the comments of proto/: what
// no route shows is not there. A name is never written a second time; docs/graphql.md has the rules.
#ifndef GATEWAY_GRAPHQL_MAKE_MAKE_H
#define GATEWAY_GRAPHQL_MAKE_MAKE_H

#include "services/gateway/api/routes.h"
#include "services/gateway/graphql/types/types.h"

// In the arena; the routes live as long. Refuses (INTERNAL_ERROR) names that collide, and what the rules have
// no form for. The key is of random bytes.
MUST_CHECK bool gql_make(const struct gql_schema **schema, const struct routes *routes,
                         const uint8_t key[GQL_NAMES_KEY], struct arena *arena, struct err *err);

#endif
