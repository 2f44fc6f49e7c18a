// verdict SCHEMA.graphql [lifted]: answers documents on standard input with what the gateway thinks of them.
// Each is its length (four bytes, the lowest first) and its bytes, and so is each answer: "accept", a line
// break and the document printed; or "refuse", the reason, the rule or "-", and the message, with spaces
// between. `lifted` raises the limits to where only memory is in danger, so that more documents reach the
// rules.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/gateway/graphql/check/check.h"
#include "services/gateway/graphql/text/parser.h"
#include "services/gateway/graphql/text/printer.h"
#include "services/gateway/graphql/types/testing/sdl_schema.h"

enum { MOST_BYTES = 1 << 20, MEMORY = 1 << 28 };

static const struct gql_limits lifted = {.bytes = MOST_BYTES,
                                         .tokens = MOST_BYTES,
                                         .nesting = 200,
                                         .aliases = MOST_BYTES,
                                         .directives = MOST_BYTES,
                                         .fragments = MOST_BYTES,
                                         .operations = MOST_BYTES,
                                         .depth = MOST_BYTES,
                                         .schema_depth = MOST_BYTES,
                                         .roots = MOST_BYTES,
                                         .schemas = MOST_BYTES,
                                         .fields = 200000};

static bool read_frame(char *text, uint32_t *len)
{
    unsigned char head[4];
    if (fread(head, 1, 4, stdin) != 4) return false;
    *len = head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 24;
    return *len <= MOST_BYTES && fread(text, 1, *len, stdin) == *len;
}

static void write_frame(const struct buf *answer)
{
    uint32_t len = (uint32_t)answer->len;
    unsigned char head[4] = {len & 255, len >> 8 & 255, len >> 16 & 255, len >> 24};
    fwrite(head, 1, 4, stdout);
    fwrite(answer->bytes, 1, len, stdout);
    fflush(stdout);
}

static void judge(const char *text, uint32_t len, const struct gql_schema *schema,
                  const struct gql_limits *limits, struct arena *arena, struct buf *answer)
{
    struct gql_faults faults = {.arena = arena};
    struct gql_reading reading = {&schema->names, limits, arena, &faults};
    struct ast_document *document = gql_parse(text, len, &reading);
    if (document && gql_check(document, schema, limits, arena, &faults)) {
        buf_str(answer, "accept\n");
        gql_print(document, answer);
        return;
    }
    const struct gql_fault *fault = &faults.faults[0];
    struct err err = {.reason = fault->reason};
    buf_printf(answer, "refuse %s %s %s", err_name(&err), fault->rule ? fault->rule : "-", fault->message);
}

int main(int count, char **words)
{
    static char text[MOST_BYTES];
    struct arena schema_arena, arena;
    struct buf answer;
    uint32_t len;
    if (count < 2) return fputs("usage: verdict SCHEMA.graphql [lifted]\n", stderr), 2;
    arena_init(&schema_arena, MEMORY);
    arena_init(&arena, MEMORY);
    buf_init(&answer, MEMORY);
    const struct gql_schema *schema = sdl_schema_load(words[1], &schema_arena);
    const struct gql_limits *limits = count > 2 ? &lifted : &gql_limits_open;
    while (read_frame(text, &len)) {
        judge(text, len, schema, limits, &arena, &answer);
        write_frame(&answer);
        buf_reset(&answer);
        arena_reset(&arena);
    }
    buf_finish(&answer);
    arena_finish(&arena);
    arena_finish(&schema_arena);
    return 0;
}
