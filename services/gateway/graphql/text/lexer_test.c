#include "services/gateway/graphql/text/testing/reading.h"

static void assert_value(const char *literal, const char *meant, size_t len)
{
    char text[512];
    snprintf(text, sizeof text, "{ a(b: %s) }", literal);
    struct ast_document *document = read_text(text);
    if (!document) {
        fail_msg("%s: %s", literal, reader.faults.faults[0].message);
        return;
    }
    const struct ast_value *value = document->definitions->selections->arguments->value;
    assert_int_equal(value->len, len);
    assert_memory_equal(value->text, meant, len);
}

#define VALUE(literal, meant) assert_value(literal, meant, sizeof(meant) - 1)

static void assert_no_value(const char *literal, uint32_t at)
{
    char text[512];
    snprintf(text, sizeof text, "{ a(b: %s) }", literal);
    assert_refused(text, IS(GRAPHQL_SYNTAX), at);
}

static void strings_are_what_they_mean(void **state)
{
    (void)state;
    VALUE("\"\"", "");
    VALUE("\"plain é # no comment\"", "plain é # no comment");
    VALUE("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
    VALUE("\"\\u00e9\\u20AC\\u0000\"", "é€\0");
    VALUE("\"\\u{e9}\\u{1F600}\\u{0}\\u{00000041}\"", "é😀\0A");
    VALUE("\"\\uD83D\\uDE00\"", "😀");
    VALUE("\"\t\x01\x7f\"", "\t\x01\x7f");
}

static void strings_that_are_none(void **state)
{
    (void)state;
    assert_no_value("\"a", 7);
    assert_no_value("\"a\n\"", 7);
    assert_no_value("\"a\\\n\"", 9);
    assert_no_value("\"a\\x\"", 9);
    assert_no_value("\"\\u12\"", 8);
    assert_no_value("\"\\uD83D\"", 8);
    assert_no_value("\"\\uD83D\\u0041\"", 8);
    assert_no_value("\"\\uDE00\"", 8);
    assert_no_value("\"\\u{}\"", 8);
    assert_no_value("\"\\u{110000}\"", 8);
    assert_no_value("\"\\u{D800}\"", 8);
    assert_no_value("\"\\u{000000041}\"", 8);
    assert_no_value("\"\\u{41\"", 8);
    assert_no_value("'a'", 7);
}

static void block_strings_lose_their_indent(void **state)
{
    (void)state;
    VALUE("\"\"\"\"\"\"", "");
    VALUE("\"\"\"a\"\"\"", "a");
    VALUE("\"\"\"\n    two\n      lines\n\n    less\n  \"\"\"", "two\n  lines\n\nless");
    VALUE("\"\"\"  first\n    second\"\"\"", "  first\nsecond");
    VALUE("\"\"\"a\r\n b\r  c\"\"\"", "a\nb\n c");
    VALUE("\"\"\"\n\n  \t\n\"\"\"", "");
    VALUE("\"\"\"a\n      \n  b\"\"\"", "a\n    \nb");
    VALUE("\"\"\"\\\"\"\" \\n \\ \"\"\"", "\"\"\" \\n \\ ");
    VALUE("\"\"\"\\\"\"\"\"\"\"", "\"\"\"");
}

static void block_strings_that_do_not_end(void **state)
{
    (void)state;
    assert_no_value("\"\"\"", 7);
    assert_no_value("\"\"\"a\"\"", 7);
    assert_no_value("\"\"\"a\\\"\"\"", 7);
}

static void numbers_end_where_no_more_digits_are(void **state)
{
    (void)state;
    VALUE("-0", "-0");
    VALUE("120", "120");
    VALUE("-1.50e+10", "-1.50e+10");
    VALUE("0E0", "0E0");
    assert_no_value("01", 8);
    assert_no_value("-", 8);
    assert_no_value("1.", 9);
    assert_no_value("1.e5", 9);
    assert_no_value("1e", 9);
    assert_no_value("1e+", 10);
    assert_no_value("1a", 8);
    assert_no_value("1.5.6", 10);
    assert_no_value("1_0", 8);
    assert_no_value("+1", 7);
}

static void blanks_commas_comments_and_marks_are_ignored(void **state)
{
    (void)state;
    assert_printed("\xef\xbb\xbf{,,a # b }\n\tb\xef\xbb\xbf\r#c\r\nd}#", "{\n  a\n  b\n  d\n}");
}

static void other_characters_begin_nothing(void **state)
{
    (void)state;
    assert_refused("{ a ; }", IS(GRAPHQL_SYNTAX), 4);
    assert_refused("{ ..a }", IS(GRAPHQL_SYNTAX), 2);
    assert_refused("{ é }", IS(GRAPHQL_SYNTAX), 2);
    assert_refused("{ a \x01 }", IS(GRAPHQL_SYNTAX), 4);
    assert_refused("{ \xef\xbb\xbe }", IS(GRAPHQL_SYNTAX), 2);
}

static void hostile_strings_take_memory_by_their_length(void **state)
{
    static char text[16 * 1024];
    size_t len = (size_t)snprintf(text, sizeof text, "{ a(b: [");
    (void)state;
    while (len < sizeof text - 16) len += (size_t)snprintf(text + len, 8, "\"\"\"\"\"\"");
    len += (size_t)snprintf(text + len, 8, "]) }");
    struct gql_limits limits = gql_limits_open;
    limits.tokens = 1 << 20;
    assert_non_null(read_bytes(text, len, &limits));
    assert_true(reader.arena.used_bytes < 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(strings_are_what_they_mean),           TEST(strings_that_are_none),
        TEST(block_strings_lose_their_indent),      TEST(block_strings_that_do_not_end),
        TEST(numbers_end_where_no_more_digits_are), TEST(blanks_commas_comments_and_marks_are_ignored),
        TEST(other_characters_begin_nothing),       TEST(hostile_strings_take_memory_by_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
