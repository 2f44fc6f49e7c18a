// Any bytes as a document: they are refused with a reason, or run by the rules and are printed; what is
// printed is accepted too, and printed the same.
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/graphql/check/check.h"
#include "services/gateway/graphql/text/parser.h"
#include "services/gateway/graphql/text/printer.h"
#include "services/gateway/graphql/types/testing/sdl_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { MEMORY = 16 << 20, MOST_TEXT = 1 << 20 };

static const struct gql_schema *the_schema(void)
{
    static struct arena arena;
    static const struct gql_schema *schema;
    if (schema) return schema;
    arena_init(&arena, MEMORY);
    return schema = sdl_schema_load(SDL_SCHEMA, &arena);
}

static bool judge(const char *text, size_t len, const struct gql_limits *limits, struct buf *printed)
{
    struct arena arena;
    arena_init(&arena, MEMORY);
    struct gql_faults faults = {.arena = &arena};
    const struct gql_reading reading = {&the_schema()->names, limits, &arena, &faults};
    struct ast_document *document = gql_parse(text, len, &reading);
    bool good = document && gql_check(document, the_schema(), limits, &arena, &faults);
    assert(good == (faults.count == 0));
    for (size_t i = 0; i < faults.count; i++) assert(faults.faults[i].reason && faults.faults[i].at <= len);
    if (good) gql_print(document, printed);
    arena_finish(&arena);
    return good;
}

// Printing adds lines and blanks, so the text may be longer than what was read.
static void check_again(const struct buf *printed)
{
    struct gql_limits limits = gql_limits_open;
    struct buf again;
    limits.bytes = MOST_TEXT;
    buf_init(&again, MOST_TEXT);
    assert(judge(printed->bytes, printed->len, &limits, &again));
    assert(again.len == printed->len && memcmp(again.bytes, printed->bytes, printed->len) == 0);
    buf_finish(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct buf printed;
    char *text = malloc(len ? len : 1); // so that reading beyond its end is seen
    if (!text) abort();
    memcpy(text, bytes, len);
    buf_init(&printed, MOST_TEXT);
    if (judge(text, len, &gql_limits_open, &printed) && !printed.failed) check_again(&printed);
    buf_finish(&printed);
    free(text);
    return 0;
}
