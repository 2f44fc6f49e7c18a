#include "services/gateway/graphql/text/testing/reading.h"

static void operations_and_fragments(void **state)
{
    (void)state;
    assert_printed("query{a}", "{\n  a\n}");
    assert_printed(
        "query Q($a:Int=1@b,$c:[A!]!)@d(e:$a){x:a ...F@g ...@h{b}...on T@i{c}}fragment F on T@j{d}",
        "query Q($a: Int = 1 @b, $c: [A!]!) @d(e: $a) {\n  x: a\n  ...F @g\n  ... @h {\n    b\n  }\n"
        "  ... on T @i {\n    c\n  }\n}\n\nfragment F on T @j {\n  d\n}");
    assert_printed("query($a:A){a} mutation{a} subscription S{a}",
                   "query ($a: A) {\n  a\n}\n\nmutation {\n  a\n}\n\nsubscription S {\n  a\n}");
    assert_printed("{a:a}", "{\n  a: a\n}");
}

static void descriptions(void **state)
{
    (void)state;
    assert_printed("\"d\" query{a}", "\"d\"\nquery {\n  a\n}");
    assert_printed("\"\"\"\n d\n e\n\"\"\" fragment F on T{a}",
                   "\"\"\"\nd\ne\n\"\"\"\nfragment F on T {\n  a\n}");
    assert_printed("query(\"v\" $a:A $b:B){a}", "query (\n\"v\"\n$a: A\n$b: B\n) {\n  a\n}");
}

static void values(void **state)
{
    (void)state;
    assert_printed("{a(b:[1,-2.50e3,\"x\",true,false,null,E,$v,[],{}],c:{d:{e:1}})}",
                   "{\n  a(b: [1, -2.50e3, \"x\", true, false, null, E, $v, [], {}], c: {d: {e: 1}})\n}");
    assert_printed("{a(b:\"\\u0000\\b\\t\\n\\f\\r\\u000b\\u001f\\\"\\\\\\u007f\\u0085\\u00a0é\")}",
                   "{\n  a(b: \"\\u0000\\b\\t\\n\\f\\r\\u000B\\u001F\\\"\\\\\\u007F\\u0085\u00a0é\")\n}");
}

// Eighty units of UTF-16 with the parentheses, counted from the alias; a character may be two.
static void long_arguments_stand_one_to_a_line(void **state)
{
    (void)state;
    assert_printed(
        "{ab(c:\"0123456789012345678901234567890123456789012345678901234567890123456789é\")}",
        "{\n  ab(c: \"0123456789012345678901234567890123456789012345678901234567890123456789é\")\n}");
    assert_printed(
        "{ab(c:\"0123456789012345678901234567890123456789012345678901234567890123456789é\", d:1)}",
        "{\n  ab(\n    c: \"0123456789012345678901234567890123456789012345678901234567890123456789é\"\n"
        "    d: 1\n  )\n}");
    assert_printed("{ab(c:\"0123456789012345678901234567890123456789012345678901234567890123456789é😀\")}",
                   "{\n  ab(\n    c: "
                   "\"0123456789012345678901234567890123456789012345678901234567890123456789é😀\"\n  )\n}");
    assert_printed(
        "{a @b(c:\"0123456789012345678901234567890123456789012345678901234567890123456789012345678\")}",
        "{\n  a @b(c: "
        "\"0123456789012345678901234567890123456789012345678901234567890123456789012345678\")\n}");
}

static void assert_block(const char *value, const char *printed)
{
    buf_reset(&reader.printed);
    gql_print_block(value, strlen(value), &reader.printed);
    assert_string_equal(reader.printed.bytes, printed);
}

static void block_strings_get_lines_where_they_read_better(void **state)
{
    (void)state;
    assert_block("", "\"\"\"\"\"\"");
    assert_block("a", "\"\"\"a\"\"\"");
    assert_block(" a", "\"\"\" a\"\"\"");
    assert_block("a\nb", "\"\"\"\na\nb\n\"\"\"");
    assert_block("a\n b", "\"\"\"\na\n b\n\"\"\"");
    assert_block("a\"", "\"\"\"\na\"\n\"\"\"");
    assert_block("a\\", "\"\"\"\na\\\n\"\"\"");
    assert_block(" a\"", "\"\"\" a\"\n\"\"\"");
    assert_block("a\"\"\"", "\"\"\"\na\\\"\"\"\n\"\"\"");
    assert_block("a\"\"\"\"", "\"\"\"\na\\\"\"\"\"\n\"\"\"");
    assert_block("0123456789012345678901234567890123456789012345678901234567890123456789",
                 "\"\"\"0123456789012345678901234567890123456789012345678901234567890123456789\"\"\"");
    assert_block("0123456789012345678901234567890123456789012345678901234567890123456789é",
                 "\"\"\"\n0123456789012345678901234567890123456789012345678901234567890123456789é\n\"\"\"");
}

static void block_strings_follow_the_indent(void **state)
{
    (void)state;
    assert_printed("{a{b(c:\"\"\"\nd\n\ne\n\"\"\")}}",
                   "{\n  a {\n    b(c: \"\"\"\n    d\n    \n    e\n    \"\"\")\n  }\n}");
}

static void a_full_buffer_says_so(void **state)
{
    struct buf small;
    (void)state;
    struct ast_document *document = read_text("{a(b:\"\"\"a long text\"\"\")}");
    buf_init(&small, 16);
    gql_print(document, &small);
    assert_true(small.failed);
    buf_finish(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(operations_and_fragments),
        TEST(descriptions),
        TEST(values),
        TEST(long_arguments_stand_one_to_a_line),
        TEST(block_strings_get_lines_where_they_read_better),
        TEST(block_strings_follow_the_indent),
        TEST(a_full_buffer_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
