// A schema in GraphQL's language: byte for byte what the reference implementation (npm graphql 16) prints of
// the schema that it builds from introspection.
#ifndef GATEWAY_GRAPHQL_TYPES_SDL_H
#define GATEWAY_GRAPHQL_TYPES_SDL_H

#include "lib/base/buf.h"
#include "services/gateway/graphql/types/types.h"

// Appends; a full buffer says so itself. The roots have their common names.
void gql_sdl_print(const struct gql_schema *schema, struct buf *out);

#endif
