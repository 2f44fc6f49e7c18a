#include "tests/test.h"

#include "lib/base/pulse.h"

static void who_works_for_too_long_hangs(void **state)
{
    (void)state;
    struct pulse one, two;
    clock_hold_mono(1000);
    pulse_join(&one, "one");
    pulse_join(&two, "two");
    pulse_work(&one, clock_mono_ms());
    clock_hold_mono(1500);
    assert_null(pulse_find_hung(500));
    clock_hold_mono(1501);
    assert_string_equal(pulse_find_hung(500), "one");
    pulse_work(&one, clock_mono_ms()); // it came round
    assert_null(pulse_find_hung(500));
    clock_hold_mono(9000);
    pulse_rest(&one);
    assert_null(pulse_find_hung(500));
    pulse_work(&two, 1);
    assert_string_equal(pulse_find_hung(500), "two");
    pulse_leave(&two);
    assert_null(pulse_find_hung(500));
    pulse_leave(&two); // once more changes nothing
    pulse_leave(&one);
    clock_hold_mono(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_works_for_too_long_hangs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
