// graphql: prints the schema that the gateway shows, in GraphQL's language, or tells why it cannot be made.
#include <stdio.h>
#include <string.h>

#include "services/gateway/graphql/make/make.h"
#include "services/gateway/graphql/types/sdl.h"

enum { MEMORY = 16 << 20, MOST_TEXT = 4 << 20 };

static bool schema_print(struct routes *routes, struct arena *arena, struct err *err)
{
    static const uint8_t key[GQL_NAMES_KEY] = {0};
    const struct gql_schema *schema;
    struct buf text;
    if (!gql_make(&schema, routes, key, arena, err)) return false;
    buf_init(&text, MOST_TEXT);
    gql_sdl_print(schema, &text);
    bool whole = !text.failed && fwrite(text.bytes, 1, text.len, stdout) == text.len;
    buf_finish(&text);
    return whole || err_fail(err, INTERNAL_ERROR, "the schema cannot be printed");
}

int main(void)
{
    size_t count;
    struct err err;
    struct routes *routes = NULL;
    struct arena arena;
    const struct route_row *rows = routes_table(&count);
    arena_init(&arena, MEMORY);
    bool ok = routes_create(&routes, rows, count, &err) && schema_print(routes, &arena, &err);
    if (!ok) fprintf(stderr, "%s\n", err.message);
    arena_finish(&arena);
    routes_destroy(routes);
    return ok && fflush(stdout) == 0 ? 0 : 1;
}
