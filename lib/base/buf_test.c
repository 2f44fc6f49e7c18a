#include "lib/base/buf.h"
#include "tests/test.h"

static void appends_every_kind(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 1000);
    assert_string_equal(buf.bytes, "");
    buf_str(&buf, "n=");
    buf_u64(&buf, UINT64_MAX);
    buf_char(&buf, ' ');
    buf_i64(&buf, INT64_MIN);
    buf_printf(&buf, " %s-%d", "x", 5);
    assert_string_equal(buf.bytes, "n=18446744073709551615 -9223372036854775808 x-5");
    assert_int_equal(buf.len, strlen(buf.bytes));
    buf_finish(&buf);
}

static void overflow_is_sticky_and_writes_nothing(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, 4);
    buf_str(&buf, "abc");
    buf_str(&buf, "de");
    assert_true(buf.failed);
    buf_str(&buf, "f");
    assert_string_equal(buf.bytes, "abc");
    buf_reset(&buf);
    buf_str(&buf, "wxyz");
    assert_false(buf.failed);
    assert_string_equal(buf.bytes, "wxyz");
    buf_finish(&buf);
}

static void taking_moves_the_bytes(void **state)
{
    (void)state;
    struct buf buf;
    size_t len;
    buf_init(&buf, 100);
    char *nothing = buf_take(&buf, &len);
    assert_string_equal(nothing, "");
    buf_str(&buf, "gone");
    char *bytes = buf_take(&buf, &len);
    assert_string_equal(bytes, "gone");
    assert_int_equal(len, 4);
    assert_int_equal(buf.len, 0);
    free(bytes);
    free(nothing);
    buf_finish(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_every_kind),
        cmocka_unit_test(overflow_is_sticky_and_writes_nothing),
        cmocka_unit_test(taking_moves_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
