// For tests: documents read with names of their own and the limits of anybody's, in one arena.
#ifndef GATEWAY_GRAPHQL_TEXT_TESTING_READING_H
#define GATEWAY_GRAPHQL_TEXT_TESTING_READING_H

#include <string.h>

#include "services/gateway/graphql/text/parser.h"
#include "services/gateway/graphql/text/printer.h"
#include "tests/test.h"

struct reader {
    struct arena arena;
    struct gql_names names;
    struct gql_faults faults;
    struct buf printed;
};

static struct reader reader;

static inline int set_up(void **state)
{
    static const uint8_t key[GQL_NAMES_KEY] = {5};
    (void)state;
    arena_init(&reader.arena, 16 << 20);
    gql_names_init_first(&reader.names, key, &reader.arena);
    buf_init(&reader.printed, 1 << 20);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    buf_finish(&reader.printed);
    arena_finish(&reader.arena);
    return 0;
}

static inline struct ast_document *read_bytes(const char *text, size_t len, const struct gql_limits *limits)
{
    reader.faults = (struct gql_faults){.arena = &reader.arena};
    struct gql_reading reading = {&reader.names, limits, &reader.arena, &reader.faults};
    return gql_parse(text, len, &reading);
}

static inline struct ast_document *read_text(const char *text)
{
    return read_bytes(text, strlen(text), &gql_limits_open);
}

// Ends at the next print.
static inline const char *print_document(const struct ast_document *document)
{
    buf_reset(&reader.printed);
    gql_print(document, &reader.printed);
    return reader.printed.bytes;
}

static inline void assert_printed(const char *text, const char *printed)
{
    struct ast_document *document = read_text(text);
    if (!document) fail_msg("%s: %s", text, reader.faults.faults[0].message);
    assert_string_equal(print_document(document), printed);
}

static inline void assert_refused(const char *text, Conse__Reason__Value reason, uint32_t at)
{
    if (read_text(text)) fail_msg("%s: is read", text);
    assert_int_equal(reader.faults.count, 1);
    assert_int_equal(reader.faults.faults[0].reason, reason);
    if (reader.faults.faults[0].at != at) fail_msg("%s: refused at %u", text, reader.faults.faults[0].at);
}

#endif
