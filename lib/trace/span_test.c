#include <jansson.h>
#include <pthread.h>
#include <sodium.h>

#include "lib/trace/otlp.h"
#include "lib/trace/recording.h"
#include "lib/trace/span.h"
#include "tests/test.h"

enum { SIZE = 8, WRITERS = 4, EACH = 20000 };

#define PARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
#define UNSAMPLED "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

static struct span_queue queue;
static struct metrics *metrics;
static struct metric *dropped;

static int set_up(void **state)
{
    (void)state;
    metrics = metrics_create();
    dropped = metrics_counter(metrics, "dropped_total", "Dropped.", "");
    assert_true(span_queue_init(&queue, SIZE));
    recording_begin(&queue, 1, dropped);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    recording_end();
    span_queue_finish(&queue);
    metrics_destroy(metrics);
    return 0;
}

static void off_nothing_is_recorded(void **state)
{
    struct ended_span span;
    (void)state;
    recording_end();
    assert_false(traces_sample());
    assert_null(span_begin(SPAN_SERVER, "events.GetEvent", PARENT));
    assert_null(span_child(NULL, "commit"));
    span_refuse(NULL, NULL);
    span_end(NULL);
    span_record(&(struct span){.name = "late"});
    assert_false(span_queue_take(&queue, &span));
}

static void only_children_of_recorded_spans_are(void **state)
{
    (void)state;
    assert_null(span_begin(SPAN_SERVER, "events.GetEvent", NULL));
    assert_null(span_begin(SPAN_SERVER, "events.GetEvent", ""));
    assert_null(span_begin(SPAN_SERVER, "events.GetEvent", UNSAMPLED));
    assert_null(span_begin(SPAN_SERVER, "events.GetEvent", "00-0af7-b7ad-01"));
}

static void the_ratio_decides_where_a_trace_begins(void **state)
{
    int sampled = 0;
    (void)state;
    for (int i = 0; i < 1000; i++) assert_true(traces_sample());
    recording_begin(&queue, 0, dropped);
    for (int i = 0; i < 1000; i++) assert_false(traces_sample());
    recording_begin(&queue, 0.25, dropped);
    for (int i = 0; i < 100000; i++) sampled += traces_sample();
    assert_in_range(sampled, 24000, 26000); // seven standard deviations
}

static void a_span_is_a_child_of_its_parent(void **state)
{
    struct ended_span ended;
    struct trace_context parent;
    struct err err;
    (void)state;
    assert_true(trace_context_read(&parent, PARENT));
    struct span *span = span_begin(SPAN_CLIENT, "events.GetEvent", PARENT),
                *child = span_child(span, "commit");
    uint8_t id[SPAN_BYTES];
    memcpy(id, span->context.span, SPAN_BYTES);
    err_fail(&err, NOT_FOUND, "there is no event secret-canary");
    span_refuse(span, &err);
    span_end(child);
    span_end(span);
    assert_true(span_queue_take(&queue, &ended));
    assert_memory_equal(ended.span.parent, id, SPAN_BYTES);
    assert_true(span_queue_take(&queue, &ended));
    assert_memory_equal(ended.span.context.trace, parent.trace, TRACE_BYTES);
    assert_memory_equal(ended.span.context.span, id, SPAN_BYTES);
    assert_memory_equal(ended.span.parent, parent.span, SPAN_BYTES);
    assert_string_equal(ended.span.reason, "NOT_FOUND");
    assert_false(ended.span.failed);
    assert_true(ended.begun_ns <= ended.ended_ns);
}

static void what_a_thread_works_on_is_told_to_whom_it_asks(void **state)
{
    char text[TRACEPARENT_SIZE];
    (void)state;
    assert_null(span_entered());
    struct span *span = span_begin(SPAN_SERVER, "auth.EraseUser", PARENT);
    trace_context_write(&span->context, text);
    span_enter(span);
    assert_string_equal(span_entered(), text);
    span_enter(NULL);
    assert_null(span_entered());
    span_end(span);
}

static void a_full_queue_drops_and_counts(void **state)
{
    struct ended_span ended;
    (void)state;
    for (int i = 0; i < SIZE + 3; i++) span_end(span_begin(SPAN_SERVER, "events.GetEvent", PARENT));
    assert_int_equal(metric_value(dropped), 3);
    for (int i = 0; i < SIZE; i++) assert_true(span_queue_take(&queue, &ended));
    assert_false(span_queue_take(&queue, &ended));
    span_end(span_begin(SPAN_SERVER, "events.GetEvent", PARENT));
    assert_true(span_queue_take(&queue, &ended));
    assert_int_equal(metric_value(dropped), 3);
}

static void *write_many(void *arg)
{
    (void)arg;
    for (int i = 0; i < EACH; i++) span_end(span_begin(SPAN_SERVER, "events.GetEvent", PARENT));
    return NULL;
}

static void each_span_of_many_threads_is_taken_or_counted(void **state)
{
    pthread_t writers[WRITERS];
    struct ended_span ended;
    int64_t taken = 0;
    (void)state;
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, write_many, NULL), 0);
    while (taken + metric_value(dropped) < WRITERS * EACH)
        if (span_queue_take(&queue, &ended)) {
            assert_string_equal(ended.span.name, "events.GetEvent");
            taken++;
        }
    for (int i = 0; i < WRITERS; i++) pthread_join(writers[i], NULL);
    assert_false(span_queue_take(&queue, &ended));
    assert_int_equal(taken + metric_value(dropped), WRITERS * EACH);
}

// ---- As JSON

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static json_t *document_of(const struct ended_span *spans, size_t count)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    otlp_begin(&out, "conse-events");
    for (size_t i = 0; i < count; i++) otlp_add(&out, &spans[i], i == 0);
    otlp_end(&out);
    json_t *document = json_loads(out.bytes, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    buf_finish(&out);
    return document;
}

static void a_batch_is_an_export_request(void **state)
{
    struct ended_span spans[2] = {{.begun_ns = 1, .ended_ns = 1796000000000000000},
                                  {.begun_ns = 2, .ended_ns = 3}};
    (void)state;
    assert_true(trace_context_read(&spans[0].span.context, PARENT));
    spans[0].span.kind = SPAN_SERVER;
    spans[0].span.name = "/events/{event_id}";
    spans[0].span.verb = "GET";
    spans[0].span.status = 503;
    spans[0].span.failed = true;
    spans[1].span = (struct span){.kind = SPAN_CLIENT, .name = "a \"name\"", .reason = "NOT_FOUND"};
    spans[1].span.parent[0] = 0xab;
    json_t *document = document_of(spans, 2);
    const json_t *resource = json_array_get(json_object_get(document, "resourceSpans"), 0);
    const json_t *scope = json_array_get(json_object_get(resource, "scopeSpans"), 0);
    const json_t *list = json_object_get(scope, "spans"), *first = json_array_get(list, 0);
    const json_t *second = json_array_get(list, 1);
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(text_at(first, "traceId"), "0af7651916cd43dd8448eb211c80319c");
    assert_string_equal(text_at(first, "spanId"), "b7ad6b7169203331");
    assert_null(json_object_get(first, "parentSpanId"));
    assert_string_equal(text_at(first, "name"), "GET /events/{event_id}");
    assert_string_equal(text_at(first, "endTimeUnixNano"), "1796000000000000000");
    assert_int_equal(json_integer_value(json_object_get(first, "kind")), 2);
    assert_int_equal(json_array_size(json_object_get(first, "attributes")), 3);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(first, "status"), "code")), 2);
    assert_string_equal(text_at(second, "name"), "a \"name\"");
    assert_string_equal(text_at(second, "parentSpanId"), "ab00000000000000");
    assert_null(json_object_get(second, "status"));
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(off_nothing_is_recorded),
        TEST(only_children_of_recorded_spans_are),
        TEST(the_ratio_decides_where_a_trace_begins),
        TEST(a_span_is_a_child_of_its_parent),
        TEST(what_a_thread_works_on_is_told_to_whom_it_asks),
        TEST(a_full_queue_drops_and_counts),
        TEST(each_span_of_many_threads_is_taken_or_counted),
        TEST(a_batch_is_an_export_request),
    };
    if (sodium_init() < 0) return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
