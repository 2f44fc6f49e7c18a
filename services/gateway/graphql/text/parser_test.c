#include "services/gateway/graphql/text/testing/reading.h"

static char repeated[64 * 1024];

static const char *repeat(const char *before, size_t count, const char *each, const char *after)
{
    char *at = stpcpy(repeated, before);
    for (size_t i = 0; i < count; i++) at = stpcpy(at, each);
    strcpy(at, after);
    return repeated;
}

static void what_should_stand_somewhere_is_told(void **state)
{
    static const struct {
        const char *text, *message;
        uint32_t at;
    } wrong[] = {
        {"", "an operation or a fragment should stand here", 0},
        {"{", "a name should stand here", 1},
        {"{}", "a name should stand here", 1},
        {"{a", "a name should stand here", 2},
        {"{a()}", "a name should stand here", 3},
        {"{a(b 1)}", "\":\" should stand here", 5},
        {"{a(b:)}", "a value should stand here", 5},
        {"{a(b:$)}", "a name should stand here", 6},
        {"{a(b:[1)}", "a value should stand here", 7},
        {"{...on}", "a name should stand here", 6},
        {"{... on A}", "\"{\" should stand here", 9},
        {"{a@}", "a name should stand here", 3},
        {"query(){a}", "a variable should stand here", 6},
        {"query($a Int){a}", "\":\" should stand here", 9},
        {"query($a:[Int){a}", "\"]\" should stand here", 13},
        {"query($a:Int=$b){a}", "a value without variables should stand here", 13},
        {"query($a:Int@b(c:$d)){a}", "a value without variables should stand here", 17},
        {"query A B {a}", "\"{\" should stand here", 8},
        {"fragment on on A {a}", "a fragment's name should stand here", 9},
        {"fragment F {a}", "\"on\" should stand here", 11},
        {"fragment F on A", "\"{\" should stand here", 15},
        {"\"d\" {a}", "an operation or a fragment should stand here", 4},
        {"type A {a: Int}", "an operation or a fragment should stand here", 0},
        {"{a} extend type A {a: Int}", "an operation or a fragment should stand here", 4},
        {"{a} {", "a name should stand here", 5},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_refused(wrong[i].text, IS(GRAPHQL_SYNTAX), wrong[i].at);
        assert_string_equal(reader.faults.faults[0].message, wrong[i].message);
    }
}

static void words_of_the_grammar_are_names_too(void **state)
{
    (void)state;
    assert_printed("{query on:fragment(true:on,null:null) ...fragment} fragment fragment on on{type}",
                   "{\n  query\n  on: fragment(true: on, null: null)\n  ...fragment\n}\n\n"
                   "fragment fragment on on {\n  type\n}");
}

static void what_is_in_a_document_is_counted(void **state)
{
    (void)state;
    struct ast_document *document =
        read_text("query A @a { x: b @c c ...F } mutation { y: d } fragment F on T @e { z: a }");
    assert_non_null(document);
    assert_int_equal(document->aliases, 3);
    assert_int_equal(document->directives, 3);
    assert_int_equal(document->operations, 2);
    assert_int_equal(document->fragments, 1);
    assert_int_equal(document->tokens, 31);
}

static void nodes_know_where_they_begin(void **state)
{
    (void)state;
    struct ast_document *document = read_text("query ($v: [Int!]) { a: b(c: {d: $v}) @e ...F }");
    assert_non_null(document);
    const struct ast_definition *operation = document->definitions;
    assert_int_equal(operation->variables->at, 7);
    assert_int_equal(operation->variables->type->at, 11);
    assert_int_equal(operation->variables->type->item->at, 12);
    assert_int_equal(operation->selections->at, 21);
    assert_int_equal(operation->selections->arguments->at, 26);
    assert_int_equal(operation->selections->arguments->value->fields->value->at, 33);
    assert_int_equal(operation->selections->directives->at, 38);
    assert_int_equal(operation->selections->next->at, 41);
}

static void texts_that_are_no_text(void **state)
{
    (void)state;
    assert_null(read_bytes("{a\0}", 4, &gql_limits_open));
    assert_int_equal(reader.faults.faults[0].reason, IS(GRAPHQL_SYNTAX));
    assert_null(read_bytes("{a #\xff\n}", 7, &gql_limits_open));
    assert_null(read_bytes("{a #\xed\xa0\x80\n}", 9, &gql_limits_open));
}

static void bytes_are_limited(void **state)
{
    (void)state;
    assert_non_null(read_text(repeat("{a}", 16 * 1024 - 3, " ", "")));
    assert_refused(repeat("{a}", 16 * 1024 - 2, " ", ""), IS(GRAPHQL_TOO_LONG), 16 * 1024);
}

static void tokens_are_limited_and_comments_are_none(void **state)
{
    (void)state;
    assert_non_null(read_text(repeat("{", 998, "a,#b\n", "}")));
    assert_refused(repeat("{", 999, "a ", "}"), IS(GRAPHQL_TOO_MANY_TOKENS), 1999);
}

static void braces_lists_and_types_are_limited_in_depth(void **state)
{
    (void)state;
    char inner[256];
    strcpy(inner, repeat("", 48, "{a", ""));
    assert_non_null(read_text(repeat(inner, 48, "}", "")));
    assert_refused(repeat("", 49, "{a", ""), IS(GRAPHQL_TOO_DEEP), 97);
    assert_refused(repeat("{a(b:", 48, "[", ""), IS(GRAPHQL_TOO_DEEP), 5 + 47);
    assert_refused(repeat("{a(b:", 48, "{c:", ""), IS(GRAPHQL_TOO_DEEP), 5 + 47 * 3);
    assert_refused(repeat("query($a:", 49, "[", ""), IS(GRAPHQL_TOO_DEEP), 9 + 49);
    assert_refused(repeat("query($a:A=", 49, "[", ""), IS(GRAPHQL_TOO_DEEP), 11 + 48);
}

static void a_full_arena_is_told(void **state)
{
    (void)state;
    struct arena small;
    arena_init(&small, 4096);
    struct gql_faults faults = {.arena = &small};
    struct gql_reading reading = {&reader.names, &gql_limits_open, &small, &faults};
    const char *text = repeat("{", 200, "a ", "}");
    assert_null(gql_parse(text, strlen(text), &reading));
    assert_int_equal(faults.faults[0].reason, IS(CALL_TOO_LARGE));
    arena_finish(&small);
}

static void faults_have_no_word_of_the_document(void **state)
{
    static const char *const broken[] = {"mutation { login(password: \"hunter2) }",
                                         "mutation { login(password: hunter2 hunter2 hunter2) }",
                                         "hunter2",
                                         "{ a(b: 1hunter2) }",
                                         "{ a(b: \"hunter2\\q\") }",
                                         "{ a(b: hunter2 = 1) }",
                                         "{ a @ \"hunter2\" }"};
    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        assert_null(read_text(broken[i]));
        assert_null(strstr(reader.faults.faults[0].message, "hunter"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_should_stand_somewhere_is_told),
        TEST(words_of_the_grammar_are_names_too),
        TEST(what_is_in_a_document_is_counted),
        TEST(nodes_know_where_they_begin),
        TEST(texts_that_are_no_text),
        TEST(bytes_are_limited),
        TEST(tokens_are_limited_and_comments_are_none),
        TEST(braces_lists_and_types_are_limited_in_depth),
        TEST(a_full_arena_is_told),
        TEST(faults_have_no_word_of_the_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
