#include "services/gateway/graphql/make/make.h"

#include <stdlib.h>
#include <string.h>

#include "services/gateway/graphql/make/making.h"

void making_refuse(struct making *making, const char *what, const char *of)
{
    if (making->failed) return;
    making->failed = true;
    err_set(making->err, CONSE__REASON__VALUE__INTERNAL_ERROR, NULL, "GraphQL: %s: %s", what, of);
}

// At start, so there is nobody to tell.
void *making_alloc(struct making *making, size_t count, size_t size)
{
    void *bytes = arena_array(making->arena, count, size);
    if (!bytes) abort();
    return bytes;
}

struct gql_type *making_add(struct making *making, enum gql_kind kind, const char *name, const void *origin)
{
    if (making->count == MAKING_MOST_TYPES) abort();
    struct gql_type *type = making_alloc(making, 1, sizeof *type);
    type->kind = kind;
    type->name = name;
    making->origins[making->count] = origin;
    return making->types[making->count++] = type;
}

struct gql_type *making_find(const struct making *making, enum gql_kind kind, const void *origin)
{
    for (size_t i = 0; i < making->count; i++)
        if (making->origins[i] == origin && making->types[i]->kind == kind) return making->types[i];
    return NULL;
}

static enum gql_literals literals_of(const char *name)
{
    static const char *const known[] = {[GQL_STRINGS] = "String",
                                        [GQL_IDS] = "ID",
                                        [GQL_INTS] = "Int",
                                        [GQL_FLOATS] = "Float",
                                        [GQL_BOOLEANS] = "Boolean"};
    for (int i = GQL_STRINGS; i <= GQL_BOOLEANS; i++)
        if (strcmp(known[i], name) == 0) return (enum gql_literals)i;
    return GQL_ANY;
}

static const char *scalar_doc(const char *name)
{
    static const char *const docs[][2] = {
        {"DateTime", "A moment as RFC 3339 in UTC: \"2026-12-01T17:00:00Z\"."},
        {"Duration", "Seconds: \"3.5s\"."},
        {"UInt64", "A whole number from 0 to 18446744073709551615, as a string."},
        {"Int64", "A whole number of 64 bits, as a string."},
        {"Bytes", "Bytes in base64."},
    };
    for (size_t i = 0; i < sizeof docs / sizeof *docs; i++)
        if (strcmp(docs[i][0], name) == 0) return docs[i][1];
    return NULL;
}

const struct gql_type *making_scalar(struct making *making, const char *name)
{
    for (size_t i = 0; i < making->count; i++)
        if (making->types[i]->kind == GQL_SCALAR && strcmp(making->types[i]->name, name) == 0)
            return making->types[i];
    struct gql_type *type = making_add(making, GQL_SCALAR, name, NULL);
    type->literals = literals_of(name);
    type->doc = scalar_doc(name);
    return type;
}

bool gql_make(const struct gql_schema **out, const struct routes *routes, const uint8_t key[GQL_NAMES_KEY],
              struct arena *arena, struct err *err)
{
    struct making making = {.routes = routes, .arena = arena, .err = err};
    struct gql_schema *schema = making_alloc(&making, 1, sizeof *schema);
    making_roots(&making, schema);
    making_streams(&making, schema);
    making_introspection(&making, schema);
    schema->types_count = making.count;
    schema->types = arena_copy(arena, making.types, making.count * sizeof *making.types);
    if (making.failed) return false;
    *out = schema;
    return gql_schema_finish(schema, key, arena, err);
}
