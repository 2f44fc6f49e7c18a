// Cursors: what is written is read back, and nothing else is read.
#include "lib/base/cursor.h"
#include "tests/test.h"

static void assert_comes_back(const char *text)
{
    struct cursor cursor;
    char again[CURSOR_TEXT];
    assert_true(cursor_parse(text, &cursor));
    cursor_write(&cursor, again);
    assert_string_equal(again, text);
}

static void cursors_are_read_back(void **state)
{
    (void)state;
    struct cursor cursor;
    assert_comes_back("abcdefgh.0");
    assert_comes_back("a2345672.10");
    assert_comes_back("zzzzzzzz.18446744073709551615");
    assert_true(cursor_parse("abcdefgh.57", &cursor));
    assert_string_equal(cursor.epoch, "abcdefgh");
    assert_int_equal(cursor.offset, 57);
}

static void nothing_else_is_a_cursor(void **state)
{
    static const char *const texts[] = {"",
                                        ".",
                                        "abcdefgh",
                                        "abcdefgh.",
                                        "abcdefg.1",
                                        "abcdefghi.1",
                                        "Abcdefgh.1",
                                        "abcdefg1.1",
                                        "abcdefgh.01",
                                        "abcdefgh.-1",
                                        "abcdefgh.+1",
                                        "abcdefgh. 1",
                                        "abcdefgh.1 ",
                                        "abcdefgh.1.1",
                                        "abcdefgh.0x1",
                                        "abcdefgh.18446744073709551616",
                                        "abcdefgh.99999999999999999999",
                                        "abcdefgh.184467440737095516150"};
    (void)state;
    struct cursor cursor;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (cursor_parse(texts[i], &cursor)) fail_msg("\"%s\" was read", texts[i]);
}

static void an_epoch_is_forty_bits(void **state)
{
    (void)state;
    char epoch[CURSOR_EPOCH + 1];
    cursor_epoch((const uint8_t[]){0, 0, 0, 0, 0}, epoch);
    assert_string_equal(epoch, "aaaaaaaa");
    cursor_epoch((const uint8_t[]){255, 255, 255, 255, 255}, epoch);
    assert_string_equal(epoch, "77777777");
    cursor_epoch((const uint8_t *)"hello", epoch); // RFC 4648: NBSWY3DP
    assert_string_equal(epoch, "nbswy3dp");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cursors_are_read_back),
                                       cmocka_unit_test(nothing_else_is_a_cursor),
                                       cmocka_unit_test(an_epoch_is_forty_bits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
