// Times and durations as JSON has them.
#include "lib/json/time.h"
#include "tests/test.h"

static void reads_and_prints_times(void **state)
{
    static const struct {
        const char *text, *printed;
        int64_t seconds;
        int32_t nanos;
    } good[] = {
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0, 0},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z", -62135596800, 0},
        {"9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z", 253402300799, 999999999},
        {"2000-02-29T12:00:00.5Z", "2000-02-29T12:00:00.500Z", 951825600, 500000000},
        {"1969-12-31T23:59:59.000001Z", "1969-12-31T23:59:59.000001Z", -1, 1000},
        {"2026-12-01T20:30:00+03:30", "2026-12-01T17:00:00Z", 1796144400, 0},
    };
    static const char *const bad[] = {"",
                                      "2026-12-01",
                                      "2026-12-01 20:30:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-12-01T24:00:00Z",
                                      "2026-12-01T20:30:60Z",
                                      "2026-12-01T20:30:00",
                                      "0000-01-01T00:00:00Z",
                                      "2026-12-01T20:30:00.Z",
                                      "2026-12-01T20:30:00.1234567890Z",
                                      "2026-12-01T20:30:00Zx",
                                      "9999-12-31T23:59:59-00:01",
                                      "2026-12-01T20:30:00+3:30",
                                      "+026-12-01T20:30:00Z"};
    struct json_time time;
    char text[JSON_TIME_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(json_timestamp_parse(good[i].text, &time));
        assert_int_equal(time.seconds, good[i].seconds);
        assert_int_equal(time.nanos, good[i].nanos);
        assert_true(json_timestamp_print(&time, text));
        assert_string_equal(text, good[i].printed);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (json_timestamp_parse(bad[i], &time)) fail_msg("%s was accepted", bad[i]);
    assert_false(json_timestamp_print(&(struct json_time){253402300800, 0}, text));
    for (int64_t day = -719162; day < 2932896; day += 97) {
        struct json_time back;
        assert_true(json_timestamp_print(&(struct json_time){day * 86400 + 3661, 0}, text));
        assert_true(json_timestamp_parse(text, &back));
        assert_int_equal(back.seconds, day * 86400 + 3661);
    }
}

static void reads_and_prints_durations(void **state)
{
    static const char *const same[] = {"0s", "3.5s", "-3.5s", "-0.000000001s", "315576000000s", "90s"};
    static const char *const bad[] = {
        "", "s", "3", "3.s", ".5s", "3.5", "+3s", "315576000001s", "1.0000000001s", "3 s", "--3s"};
    struct json_time time;
    char text[JSON_TIME_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_true(json_duration_parse(same[i], &time));
        assert_true(json_duration_print(&time, text));
        assert_string_equal(text, same[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (json_duration_parse(bad[i], &time)) fail_msg("%s was accepted", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_prints_times),
        cmocka_unit_test(reads_and_prints_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
