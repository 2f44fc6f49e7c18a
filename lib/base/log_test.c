#include <fcntl.h>
#include <jansson.h>

#include "lib/base/log.h"
#include "lib/base/log_level.h"
#include "tests/test.h"

static char line[16384];

// Runs `write_log` with stderr going to a pipe and keeps what came out in `line`.
static void capture(void (*write_log)(void))
{
    int pipes[2], saved = dup(STDERR_FILENO);
    assert_int_equal(pipe2(pipes, O_NONBLOCK), 0);
    dup2(pipes[1], STDERR_FILENO);
    write_log();
    dup2(saved, STDERR_FILENO);
    ssize_t n = read(pipes[0], line, sizeof line - 1);
    line[n > 0 ? n : 0] = 0;
    close(saved);
    close(pipes[0]);
    close(pipes[1]);
}

static void log_seat(void)
{
    log_info("seat taken", F_STR("user", "mira \"m\"\n"), F_INT("seat", 7), F_STR("event", "plain"));
}

static void logfmt_quotes_what_needs_it(void **state)
{
    (void)state;
    log_init("events", LOG_INFO, false);
    log_trace("0af7651916cd43dd8448eb211c80319c");
    capture(log_seat);
    assert_non_null(strstr(
        line, " level=info service=events event=\"seat taken\" trace=0af7651916cd43dd8448eb211c80319c "));
    assert_non_null(strstr(line, "user=\"mira \\\"m\\\"\\u000a\" seat=7 event=plain\n"));
    log_trace(NULL);
}

static void log_numbers(void)
{
    log_info("numbers", F_INT("least", INT64_MIN), F_INT("none", 0), F_INT("most", INT64_MAX));
}

static void numbers_are_whole(void **state)
{
    (void)state;
    log_init("events", LOG_INFO, false);
    capture(log_numbers);
    assert_non_null(strstr(line, " least=-9223372036854775808 none=0 most=9223372036854775807\n"));
}

static void json_lines_parse(void **state)
{
    (void)state;
    log_init("events", LOG_INFO, true);
    capture(log_seat);
    json_t *json = json_loads(line, 0, NULL);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "user")), "mira \"m\"\n");
    assert_int_equal(json_integer_value(json_object_get(json, "seat")), 7);
    assert_string_equal(json_string_value(json_object_get(json, "trace")), "-");
    json_decref(json);
}

static void log_warned(void) { log_warn("three"); }
static void log_detail(void) { log_debug("detail"); }

static void lower_levels_are_silent(void **state)
{
    (void)state;
    log_init("events", LOG_INFO, false);
    capture(log_detail);
    assert_string_equal(line, "");
}

static void the_level_is_set_at_run_time(void **state)
{
    (void)state;
    log_init("events", LOG_WARN, false);
    capture(log_detail);
    assert_string_equal(line, "");
    log_set_level(LOG_DEBUG);
    assert_int_equal(log_get_level(), LOG_DEBUG);
    capture(log_detail);
    assert_non_null(strstr(line, "level=debug"));
    log_set_level(LOG_ERROR);
    capture(log_warned);
    assert_string_equal(line, "");
    assert_string_equal(log_level_name(log_get_level()), "error");
    log_set_level(LOG_INFO);
}

static void log_broken(void)
{
    static char text[20000];
    memset(text, 'x', sizeof text - 1);
    log_info("broken", F_STR("bytes", "\xFF\xFE"), F_STR("long", text));
}

static void a_line_is_bounded_and_ends(void **state)
{
    (void)state;
    capture(log_broken);
    size_t len = strlen(line);
    assert_true(len <= 8192);
    assert_int_equal(line[len - 1], '\n');
    assert_non_null(strstr(line, "bytes=\"??\""));
}

static void log_held(void)
{
    log_hold();
    log_info("one");
    log_info("two");
}

static void log_many(void)
{
    for (int i = 0; i < 100; i++) log_info("many");
}

static void held_lines_come_together_and_none_is_lost(void **state)
{
    int lines = 0;
    (void)state;
    capture(log_held);
    assert_string_equal(line, "");
    capture(log_warned);
    assert_non_null(strstr(line, "event=one"));
    assert_true(strstr(line, "event=one") < strstr(line, "event=two"));
    assert_true(strstr(line, "event=two") < strstr(line, "event=three"));
    capture(log_many);
    for (const char *at = line; (at = strstr(at, "event=many")) != NULL; at++) lines++;
    assert_in_range(lines, 1, 99); // what had no room
    assert_int_equal(line[strlen(line) - 1], '\n');
    capture(log_release);
    for (const char *at = line; (at = strstr(at, "event=many")) != NULL; at++) lines++;
    assert_int_equal(lines, 100);
    capture(log_seat);
    assert_non_null(strstr(line, "seat taken"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_level_is_set_at_run_time),
        cmocka_unit_test(logfmt_quotes_what_needs_it),
        cmocka_unit_test(numbers_are_whole),
        cmocka_unit_test(json_lines_parse),
        cmocka_unit_test(lower_levels_are_silent),
        cmocka_unit_test(a_line_is_bounded_and_ends),
        cmocka_unit_test(held_lines_come_together_and_none_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
