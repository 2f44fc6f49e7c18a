#include "services/gateway/feed/ids.h"

#include "tests/test.h"

#define EVENT "event:01890000-0000-7000-8000-000000000001"
#define OTHER "event:01890000-0000-7000-8000-000000000002"
#define LONGEST "room:01890000-0000-7000-8000-000000000001.123456789012345678901234567890123456789012345678"
#define SECRET "abcdefghijklmnopqrstuvwxyz"

static const char *const topics[] = {EVENT, OTHER, "me"};

static void one_topic_is_its_cursor(void **state)
{
    struct ids ids;
    char text[IDS_MOST + 1];
    (void)state;
    assert_true(ids_parse("abcdefgh.57", topics, 1, &ids));
    assert_string_equal(ids.after[0], "abcdefgh.57");
    assert_string_equal(ids.secret, "");
    assert_true(ids_parse("abcdefgh.57." SECRET, topics, 1, &ids));
    assert_string_equal(ids.after[0], "abcdefgh.57");
    assert_string_equal(ids.secret, SECRET);
    assert_true(ids_write(&ids, topics, 1, text));
    assert_string_equal(text, "abcdefgh.57." SECRET);
}

static void several_are_named(void **state)
{
    struct ids ids;
    char text[IDS_MOST + 1];
    (void)state;
    assert_true(ids_parse(EVENT "=abcdefgh.1,me=abcdefg2.0." SECRET, topics, 3, &ids));
    assert_string_equal(ids.after[0], "abcdefgh.1");
    assert_string_equal(ids.after[1], "");
    assert_string_equal(ids.after[2], "abcdefg2.0");
    assert_string_equal(ids.secret, SECRET);
    assert_true(ids_write(&ids, topics, 3, text));
    assert_string_equal(text, EVENT "=abcdefgh.1,me=abcdefg2.0." SECRET);
}

static void nothing_else_is_taken(void **state)
{
    static const char *const alone[] = {"",
                                        ".",
                                        "." SECRET,
                                        "abcdefgh",
                                        "abcdefgh.",
                                        "abcdefgh.1.",
                                        "abcdefgh.1.abc",
                                        "abcdefgh.1 ",
                                        EVENT "=abcdefgh.1",
                                        "abcdefgh.1." SECRET "." SECRET};
    static const char *const several[] = {"abcdefgh.1",
                                          EVENT,
                                          EVENT "=",
                                          EVENT "=abcdefgh.1,",
                                          ",me=abcdefgh.1",
                                          "me=abcdefgh.1," EVENT "=abcdefgh.1",
                                          "me=abcdefgh.1,me=abcdefgh.1",
                                          "you=abcdefgh.1",
                                          "=abcdefgh.1",
                                          "me=abcdefgh.1,,"};
    struct ids ids;
    (void)state;
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
        assert_false(ids_parse(alone[i], topics, 1, &ids));
    for (size_t i = 0; i < sizeof several / sizeof *several; i++)
        assert_false(ids_parse(several[i], topics, 3, &ids));
}

static void as_many_as_there_may_be_fit(void **state)
{
    struct ids ids = {.secret = SECRET}, read;
    const char *many[FEED_TOPICS_MOST];
    char text[IDS_MOST + 1];
    (void)state;
    for (size_t i = 0; i < FEED_TOPICS_MOST; i++) {
        many[i] = LONGEST;
        strcpy(ids.after[i], "abcdefgh.18446744073709551615");
    }
    assert_true(ids_write(&ids, many, FEED_TOPICS_MOST, text) > 0);
    assert_true(ids_parse(text, many, FEED_TOPICS_MOST, &read));
    assert_memory_equal(&read, &ids, sizeof ids);
    for (size_t i = 0; i < FEED_TOPICS_MOST; i++) many[i] = LONGEST "x" LONGEST;
    assert_int_equal(ids_write(&ids, many, FEED_TOPICS_MOST, text), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_topic_is_its_cursor),
        cmocka_unit_test(several_are_named),
        cmocka_unit_test(nothing_else_is_taken),
        cmocka_unit_test(as_many_as_there_may_be_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
