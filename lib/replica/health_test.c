#include "tests/test.h"

#include "lib/base/clock.h"
#include "lib/replica/health.h"

static bool is_ready(void *arg) { return *(bool *)arg; }

static void a_process_says_how_it_did_lately(void **state)
{
    (void)state;
    bool ready = false;
    struct metrics *metrics = metrics_create();
    struct histogram *reads =
        metrics_histogram(metrics, "conse_rpc_seconds", "Time.", "method=\"a\",class=\"READ\"");
    struct health_meter meter = {.source = {metrics, is_ready, &ready, NULL}};
    struct health health;
    clock_hold_mono(1000000);
    metric_set(metrics_gauge(metrics, "conse_rpc_queue", "Waiting.", ""), 3);
    histogram_observe(reads, 900000000);
    histogram_observe(metrics_histogram(metrics, "conse_store_commit_seconds", "Time.", ""), 4000000);
    health_measure(&meter, &health);
    assert_true(health.known && !health.ready);
    assert_int_equal(health.queue, 3);
    assert_int_equal(health.commit_p99_us, 5000);
    assert_int_equal(health.times_count, 1);
    assert_string_equal(health.times[0].class, "READ");
    assert_int_equal(health.times[0].p99_us, 1000000);
    ready = true;
    for (int minute = 1; minute <= 2; minute++) { // what was slow is forgotten
        clock_hold_mono(1000000 + minute * HEALTH_WINDOW_MS);
        health_measure(&meter, &health);
    }
    histogram_observe(reads, 90000);
    health_measure(&meter, &health);
    assert_true(health.ready);
    assert_int_equal(health.times[0].p99_us, 100);
    assert_int_equal(health.times[0].calls, 1);
    metrics_destroy(metrics);
}

static double half(void *arg)
{
    (void)arg;
    return 0.5;
}

static void it_says_what_alerts_go_by_as_far_as_it_has_that(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_create();
    struct health_meter meter = {.source = {metrics, NULL, NULL, NULL}};
    struct health health;
    health_measure(&meter, &health);
    assert_int_equal(health.readings_count, 0);
    metrics_watch(metrics, "conse_clock_offset_seconds", "Clock.", half, NULL);
    metric_set(metrics_gauge(metrics, "conse_store_full", "Full.", ""), 1);
    metric_set(metrics_gauge(metrics, "conse_http_parked", "Another.", ""), 1);
    for (int i = 1; i <= 2; i++)
        metric_add(
            metrics_counter(metrics, "conse_rpc_errors_total", "Errors.",
                            i == 1 ? "method=\"a\",reason=\"STORE_CORRUPT\"" : "method=\"a\",reason=\"X\""),
            i);
    health_measure(&meter, &health);
    assert_int_equal(health.readings_count, 3);
    assert_string_equal(health.readings[0].name, "conse_clock_offset_seconds");
    assert_true(health.readings[0].value == 0.5);
    assert_string_equal(health.readings[1].name, "conse_store_full");
    assert_string_equal(health.readings[2].name, "conse_rpc_errors_total{reason=\"STORE_CORRUPT\"}");
    assert_true(health.readings[2].value == 1);
    metrics_destroy(metrics);
}

static void what_is_said_is_taken_and_shown_alike(void **state)
{
    (void)state;
    struct health said = {.known = true, .ready = true, .queue = 1, .waiting = 2, .commit_p99_us = 3}, taken;
    struct health_message shown, again;
    said.times[said.times_count++] = (struct health_time){"SLOW", 4, 5};
    said.readings[said.readings_count++] = (struct health_reading){"conse_store_full", 1};
    health_show(&said, &shown);
    health_take(&taken, &shown.message);
    assert_true(taken.known && taken.ready);
    health_show(&taken, &again);
    assert_int_equal(again.message.n_times, 1);
    assert_string_equal(again.times[0].class_, "SLOW");
    assert_int_equal(again.times[0].p99_us + again.times[0].calls, 9);
    assert_int_equal(again.message.n_readings, 1);
    assert_string_equal(again.readings[0].name, "conse_store_full");
    assert_true(again.readings[0].value == 1);
    assert_int_equal(again.message.queue + again.message.store_waiting + again.message.commit_p99_us, 6);
}

static void more_than_there_is_room_for_is_cut(void **state)
{
    (void)state;
    struct health taken;
    Replica__Health message = REPLICA__HEALTH__INIT;
    Replica__Health__Time time = REPLICA__HEALTH__TIME__INIT, *all[HEALTH_CLASSES + 3];
    time.class_ = "a class of a later program";
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) all[i] = &time;
    message.times = all;
    message.n_times = sizeof all / sizeof *all;
    Replica__Health__Reading reading = REPLICA__HEALTH__READING__INIT, *read[HEALTH_READINGS + 3];
    reading.name = "a_metric_of_a_later_program_whose_name_is_longer_than_there_is_room_for";
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) read[i] = &reading;
    message.readings = read;
    message.n_readings = sizeof read / sizeof *read;
    health_take(&taken, &message);
    assert_int_equal(taken.times_count, HEALTH_CLASSES);
    assert_int_equal(taken.readings_count, HEALTH_READINGS);
    assert_int_equal(strlen(taken.readings[0].name), 63);
    assert_string_equal(taken.times[0].class, "a class");
    health_take(&taken, NULL);
    assert_false(taken.known);
    health_measure(&(struct health_meter){0}, &taken);
    assert_false(taken.known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_says_how_it_did_lately),
        cmocka_unit_test(it_says_what_alerts_go_by_as_far_as_it_has_that),
        cmocka_unit_test(what_is_said_is_taken_and_shown_alike),
        cmocka_unit_test(more_than_there_is_room_for_is_cut),
    };
    return cmocka_run_group_tests_name("replica: health", tests, NULL, NULL);
}
