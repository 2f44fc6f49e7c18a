#include "lib/base/skew.h"

#include "lib/base/clock.h"
#include "tests/test.h"

static int set_up(void **state)
{
    (void)state;
    clock_hold_mono(1000000);
    skew_forget();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    clock_hold_mono(-1);
    return 0;
}

static void nothing_is_known_at_first(void **state)
{
    (void)state;
    assert_false(skew_is_off());
    assert_int_equal(skew_offset_ms(), 0);
}

static void half_a_second_is_the_most(void **state)
{
    (void)state;
    skew_note(SKEW_MOST_MS, 0);
    assert_false(skew_is_off());
    skew_note(SKEW_MOST_MS + 1, 0);
    assert_true(skew_is_off());
    skew_note(-SKEW_MOST_MS, 0);
    assert_false(skew_is_off());
    skew_note(-SKEW_MOST_MS - 1, 0);
    assert_true(skew_is_off());
    assert_int_equal(skew_offset_ms(), -SKEW_MOST_MS - 1);
}

static void what_is_not_certain_does_not_count(void **state)
{
    (void)state;
    skew_note(700, 200);
    assert_false(skew_is_off());
    skew_note(-701, 200);
    assert_true(skew_is_off());
    skew_note(100, 5000);
    assert_false(skew_is_off());
}

static void what_is_long_ago_does_not_count(void **state)
{
    (void)state;
    skew_note(9000, 0);
    clock_hold_mono(1000000 + SKEW_FRESH_MS);
    assert_true(skew_is_off());
    clock_hold_mono(1000000 + SKEW_FRESH_MS + 1);
    assert_false(skew_is_off());
    assert_int_equal(skew_offset_ms(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_known_at_first),
        TEST(half_a_second_is_the_most),
        TEST(what_is_not_certain_does_not_count),
        TEST(what_is_long_ago_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
