#include "services/gateway/proxy/chunks.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

// What a body is, given in parts of `step` bytes; "!" where it is broken, "..." where it is not whole.
static void read_body(const char *bytes, size_t step, char *out, size_t size)
{
    struct chunks chunks = {0};
    size_t len = strlen(bytes), at = 0, made = 0;
    while (at < len && chunks.state != CHUNKS_DONE && chunks.state != CHUNKS_BROKEN) {
        struct chunks_run run;
        size_t part = len - at < step ? len - at : step;
        at += chunks_take(&chunks, bytes + at, part, &run);
        made += (size_t)snprintf(out + made, size - made, "%.*s", (int)run.len, run.bytes);
    }
    snprintf(out + made, size - made, "%s",
             chunks.state == CHUNKS_DONE     ? at < len ? "|" : ""
             : chunks.state == CHUNKS_BROKEN ? "!"
                                             : "...");
}

static void assert_body(const char *bytes, const char *expected)
{
    for (size_t step = 1; step <= strlen(bytes); step++) {
        char out[200] = "";
        read_body(bytes, step, out, sizeof out);
        assert_string_equal(out, expected);
    }
}

static void bodies_are_put_together(void **state)
{
    (void)state;
    assert_body("0\r\n\r\n", "");
    assert_body("5\r\nhello\r\n0\r\n\r\n", "hello");
    assert_body("1\r\na\r\n02\r\nbc\r\n000\r\n\r\n", "abc");
    assert_body("A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n", "01234567890123456789a");
    assert_body("3;name=value;q=\"x\"\r\nabc\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n", "abc");
    assert_body("2\r\n\r\n\r\n0\r\n\r\n", "\r\n");
}

static void what_comes_behind_the_end_is_left(void **state)
{
    (void)state;
    assert_body("1\r\na\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n", "a|");
}

static void what_is_not_whole_waits(void **state)
{
    (void)state;
    assert_body("5\r\nhel", "hel...");
    assert_body("5\r\nhello\r\n", "hello...");
    assert_body("0\r\n", "...");
    assert_body("0\r\nX: 1\r\n", "...");
}

static void what_two_readers_would_take_for_two_things_is_broken(void **state)
{
    (void)state;
    assert_body("\r\n", "!");
    assert_body("5\nhello\r\n", "!");
    assert_body("5\r\nhello\n0\r\n\r\n", "hello!");
    assert_body("5\r\nhelloo\r\n", "hello!");
    assert_body(" 5\r\nhello\r\n", "!");
    assert_body("5 \r\nhello\r\n", "!");
    assert_body("+5\r\nhello\r\n", "!");
    assert_body("-1\r\nx", "!");
    assert_body("0x5\r\nhello\r\n", "!");
    assert_body("g\r\n", "!");
    assert_body("5;\nhello\r\n", "!");
    assert_body("5;a\x01\r\nhello\r\n", "!");
    assert_body("0\r\nX: 1\n\r\n", "!");
    assert_body("0\r\n\n", "!");
    assert_body("fffffffffffffffff\r\n", "!");
    assert_body("0000000000000005\r\nhello\r\n", "!"); // more digits than any size needs
}

static void extensions_and_trailers_are_bounded(void **state)
{
    char bytes[8192];
    struct chunks chunks = {0};
    struct chunks_run run;
    (void)state;
    int len = snprintf(bytes, sizeof bytes, "1;%0300d\r\na\r\n", 0);
    chunks_take(&chunks, bytes, (size_t)len, &run);
    assert_int_equal(chunks.state, CHUNKS_BROKEN);
    chunks = (struct chunks){0};
    len = snprintf(bytes, sizeof bytes, "0\r\n");
    for (int i = 0; i < 60; i++) len += snprintf(bytes + len, sizeof bytes - (size_t)len, "X: %080d\r\n", i);
    chunks_take(&chunks, bytes, (size_t)len, &run);
    assert_int_equal(chunks.state, CHUNKS_BROKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_put_together),
        cmocka_unit_test(what_comes_behind_the_end_is_left),
        cmocka_unit_test(what_is_not_whole_waits),
        cmocka_unit_test(what_two_readers_would_take_for_two_things_is_broken),
        cmocka_unit_test(extensions_and_trailers_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
