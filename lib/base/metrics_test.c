#include <pthread.h>
#include <sys/wait.h>

#include "lib/base/metrics.h"
#include "tests/test.h"

static double forty_two(void *arg) { return *(double *)arg; }

static char *text_of(struct metrics *metrics)
{
    struct buf out;
    size_t len;
    buf_init(&out, 1 << 20);
    metrics_write(metrics, &out);
    assert_false(out.failed);
    return buf_take(&out, &len);
}

static void assert_line(const char *text, const char *line)
{
    const char *at = strstr(text, line);
    if (!at || (at > text && at[-1] != '\n') || at[strlen(line)] != '\n')
        fail_msg("no line %s in\n%s", line, text);
}

static struct metrics *some_metrics(double *watched)
{
    struct metrics *metrics = metrics_create();
    metric_add(metrics_counter(metrics, "conse_calls_total", "Calls.", "method=\"auth.Login\""), 3);
    metric_add(metrics_counter(metrics, "conse_calls_total", "Calls.", "method=\"auth.GetMe\""), 1);
    metric_set(metrics_gauge(metrics, "conse_queue", "Waiting.", ""), -5);
    struct histogram *seconds = metrics_histogram(metrics, "conse_seconds", "Time.", "class=\"READ\"");
    histogram_observe(seconds, 50 * 1000);         // 50 us
    histogram_observe(seconds, 100 * 1000);        // the bound itself
    histogram_observe(seconds, 30LL * 1000000);    // 30 ms
    histogram_observe(seconds, 60LL * 1000000000); // above all bounds
    metrics_watch(metrics, "conse_watched", "Asked for.", forty_two, watched);
    return metrics;
}

static void series_are_written_by_family(void **state)
{
    (void)state;
    double watched = 42.5;
    struct metrics *metrics = some_metrics(&watched);
    char *text = text_of(metrics);
    assert_line(text, "# HELP conse_calls_total Calls.");
    assert_line(text, "# TYPE conse_calls_total counter");
    assert_line(text, "conse_calls_total{method=\"auth.Login\"} 3");
    assert_line(text, "conse_calls_total{method=\"auth.GetMe\"} 1");
    assert_line(text, "conse_queue -5");
    assert_line(text, "conse_seconds_bucket{class=\"READ\",le=\"0.0001\"} 2");
    assert_line(text, "conse_seconds_bucket{class=\"READ\",le=\"0.025\"} 2");
    assert_line(text, "conse_seconds_bucket{class=\"READ\",le=\"0.05\"} 3");
    assert_line(text, "conse_seconds_bucket{class=\"READ\",le=\"10\"} 3");
    assert_line(text, "conse_seconds_bucket{class=\"READ\",le=\"+Inf\"} 4");
    assert_line(text, "conse_seconds_sum{class=\"READ\"} 60.030150000");
    assert_line(text, "conse_seconds_count{class=\"READ\"} 4");
    assert_line(text, "conse_watched 42.5");
    free(text);
    metrics_destroy(metrics);
}

static void promtool_accepts_the_text(void **state)
{
    (void)state;
    double watched = 1e300;
    struct metrics *metrics = some_metrics(&watched);
    char *text = text_of(metrics);
    FILE *promtool = popen("promtool check metrics", "w");
    assert_non_null(promtool);
    fputs(text, promtool);
    assert_int_equal(pclose(promtool), 0);
    free(text);
    metrics_destroy(metrics);
}

static void the_same_name_and_labels_are_the_same_series(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_create();
    struct metric *once = metrics_counter(metrics, "a_total", "A.", "x=\"1\"");
    assert_ptr_equal(once, metrics_counter(metrics, "a_total", "A.", "x=\"1\""));
    assert_ptr_not_equal(once, metrics_counter(metrics, "a_total", "A.", "x=\"2\""));
    metrics_destroy(metrics);
}

static void without_a_registry_nothing_is_counted(void **state)
{
    (void)state;
    assert_null(metrics_counter(NULL, "a_total", "A.", ""));
    metric_add(NULL, 1);
    metric_set(NULL, 1);
    histogram_observe(NULL, 1);
    assert_int_equal(metric_value(NULL), 0);
}

enum { THREADS = 4, ADDS = 20000 };

static void *count_main(void *arg)
{
    struct metrics *metrics = arg;
    for (int i = 0; i < ADDS; i++) {
        metric_add(metrics_counter(metrics, "a_total", "A.", i % 2 ? "x=\"1\"" : "x=\"2\""), 1);
        histogram_observe(metrics_histogram(metrics, "b_seconds", "B.", ""), i);
    }
    return NULL;
}

static void threads_lose_no_count(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_create();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_main, metrics), 0);
    for (int i = 0; i < 50; i++) free(text_of(metrics));
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    assert_int_equal(metric_value(metrics_counter(metrics, "a_total", "A.", "x=\"1\"")), THREADS * ADDS / 2);
    char *text = text_of(metrics);
    assert_line(text, "b_seconds_count 80000");
    free(text);
    metrics_destroy(metrics);
}

static void gauges_and_counters_are_read_by_name_and_label(void **state)
{
    (void)state;
    double watched = -0.75, value;
    struct metrics *metrics = some_metrics(&watched);
    assert_true(metrics_read(metrics, "conse_watched", "", &value) && value == -0.75);
    assert_true(metrics_read(metrics, "conse_queue", "", &value) && value == -5);
    assert_true(metrics_read(metrics, "conse_calls_total", "", &value) && value == 4);
    assert_true(metrics_read(metrics, "conse_calls_total", "method=\"auth.Login\"", &value) && value == 3);
    assert_false(metrics_read(metrics, "conse_calls_total", "method=\"auth.None\"", &value));
    assert_true(value == 0);
    assert_false(metrics_read(metrics, "conse_seconds", "", &value)); // has no one value
    assert_false(metrics_read(metrics, "conse_none", "", &value));
    metrics_destroy(metrics);
}

static void a_process_reads_its_own(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_create();
    struct metrics_buckets before, now;
    struct histogram *read =
        metrics_histogram(metrics, "conse_seconds", "Time.", "class=\"READ\",method=\"a\"");
    struct histogram *write = metrics_histogram(metrics, "conse_seconds", "Time.", "class=\"WRITE\"");
    metrics_buckets_of(metrics, "conse_seconds", "class=\"READ\"", &before);
    assert_int_equal(metrics_quantile_ns(&before, &before, 0.99), 0);
    for (int i = 0; i < 99; i++) histogram_observe(read, 200000);
    histogram_observe(write, 9000000000);
    metrics_buckets_of(metrics, "conse_seconds", "class=\"READ\"", &now);
    assert_int_equal(metrics_buckets_since(&now, &before), 99);
    assert_int_equal(metrics_quantile_ns(&now, &before, 0.99), 250000);
    before = now;
    histogram_observe(read, 20000000000); // above all bounds
    metrics_buckets_of(metrics, "conse_seconds", "", &now);
    assert_int_equal(metrics_buckets_since(&now, &before), 2);
    assert_int_equal(metrics_quantile_ns(&now, &before, 0.99), 10000000000);
    metrics_buckets_of(metrics, "conse_nothing", "", &now);
    assert_int_equal(metrics_buckets_since(&now, &(struct metrics_buckets){0}), 0);
    metric_set(metrics_gauge(metrics, "conse_queue", "Waiting.", ""), 7);
    assert_int_equal(metrics_value(metrics, "conse_queue"), 7);
    assert_int_equal(metrics_value(metrics, "conse_nothing"), 0);
    assert_int_equal(metrics_value(metrics, "conse_seconds"), 0);
    metrics_destroy(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(series_are_written_by_family),
        cmocka_unit_test(promtool_accepts_the_text),
        cmocka_unit_test(the_same_name_and_labels_are_the_same_series),
        cmocka_unit_test(without_a_registry_nothing_is_counted),
        cmocka_unit_test(gauges_and_counters_are_read_by_name_and_label),
        cmocka_unit_test(a_process_reads_its_own),
        cmocka_unit_test(threads_lose_no_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
