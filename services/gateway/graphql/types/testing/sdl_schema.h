// A schema from its text, so that a test and the reference implementation read the same one. Understands what
// tests write: types, interfaces, unions, enums, inputs (with @oneOf) and scalars, and `type Query`,
// `Mutation`, `Subscription` as roots.
#ifndef GATEWAY_GRAPHQL_TYPES_TESTING_SDL_SCHEMA_H
#define GATEWAY_GRAPHQL_TYPES_TESTING_SDL_SCHEMA_H

#include "services/gateway/graphql/types/types.h"

// A file with a schema that is nastier than the gateway's.
#define SDL_SCHEMA "services/gateway/graphql/types/testing/schema.graphql"

// In the arena; the text is borrowed. Ends the process, with the reason, when the text cannot be read.
const struct gql_schema *sdl_schema(const char *text, struct arena *arena);
const struct gql_schema *sdl_schema_load(const char *path, struct arena *arena);

#endif
