#include "lib/trace/export.h"

#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/net/http.h"
#include "lib/thread/periodic.h"
#include "lib/trace/otlp.h"
#include "lib/trace/recording.h"

enum {
    QUEUE_SPANS = 4096,
    BATCH_SPANS = 512,
    BATCH_BYTES = 1 << 20,
    PAUSE_MS = 500,
    TIMEOUT_MS = 2000,
    REPLY_BYTES = 64 << 10,
    TRIES = 5, // of a batch
    MOST_BACKOFF_MS = 30000,
};

struct exporter {
    char service[48];
    const char *url;
    struct span_queue queue;
    struct periodic *thread;
    struct http_client *http;
    atomic_bool stopping;
    struct metric *sent, *away; // away: dropped after the last try, or refused

    struct buf batch;
    uint32_t count; // of its spans
    uint32_t tries;
    bool fails; // which was logged
};

static struct exporter exporter;

// ---- A batch

static void batch_gather(struct exporter *out)
{
    struct ended_span span;
    if (out->count) return;
    buf_reset(&out->batch);
    otlp_begin(&out->batch, out->service);
    while (out->count < BATCH_SPANS && span_queue_take(&out->queue, &span))
        otlp_add(&out->batch, &span, out->count++ == 0);
    otlp_end(&out->batch);
}

static void batch_drop(struct exporter *out, struct metric *as)
{
    metric_add(as, out->count);
    out->count = out->tries = 0;
}

// 0: no reply.
static long batch_post(struct exporter *out, int64_t timeout_ms, int64_t *retry_after_ms)
{
    struct err err;
    struct http_reply reply;
    const struct http_request request = {.method = "POST",
                                         .url = out->url,
                                         .body = out->batch.bytes,
                                         .content_type = "application/json",
                                         .stopping = &out->stopping,
                                         .timeout_ms = timeout_ms,
                                         .max_reply_bytes = REPLY_BYTES};
    *retry_after_ms = 0;
    if (!http_client_do(out->http, &request, &reply, &err)) return 0;
    *retry_after_ms = reply.retry_after_s * 1000;
    http_reply_finish(&reply);
    return reply.status;
}

static bool is_taken(long status) { return status >= 200 && status < 300; }

static bool is_passing(long status)
{
    return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
}

// The URL may have a secret in it.
static void log_change(struct exporter *out, long status)
{
    bool fails = !is_taken(status);
    if (fails && !out->fails) log_warn("the collector takes no traces", F_INT("status", status));
    if (!fails && out->fails) log_info("the collector takes traces again");
    out->fails = fails;
}

static int64_t backoff_ms(uint32_t tries, int64_t retry_after_ms)
{
    int64_t pause_ms = (int64_t)1000 << (tries < TRIES ? tries : TRIES);
    if (retry_after_ms > pause_ms) pause_ms = retry_after_ms;
    return pause_ms < MOST_BACKOFF_MS ? pause_ms : MOST_BACKOFF_MS;
}

// Milliseconds until the next batch.
static int64_t batch_send(struct exporter *out)
{
    int64_t retry_after_ms;
    batch_gather(out);
    if (!out->count) return PAUSE_MS;
    long status = batch_post(out, TIMEOUT_MS, &retry_after_ms);
    log_change(out, status);
    if (is_taken(status)) {
        int64_t pause_ms = out->count == BATCH_SPANS ? 0 : PAUSE_MS;
        batch_drop(out, out->sent);
        return pause_ms;
    }
    uint32_t tries = ++out->tries;
    if (!is_passing(status) || tries == TRIES) batch_drop(out, out->away);
    return backoff_ms(tries - 1, retry_after_ms);
}

static int64_t on_time(void *arg)
{
    struct exporter *out = arg;
    return atomic_load(&out->stopping) ? PAUSE_MS : batch_send(out);
}

// ---- Life

static struct metric *count_as(struct metrics *metrics, const char *labels)
{
    return metrics_counter(metrics, "conse_trace_spans_total",
                           "Spans that were sent, and that were dropped: because the queue was full, or "
                           "because the collector did not take them.",
                           labels);
}

bool traces_start(const struct traces_options *options, struct err *err)
{
    struct exporter *out = &exporter;
    if (!*options->url) return true;
    snprintf(out->service, sizeof out->service, "conse-%s", options->service);
    out->url = options->url;
    out->sent = count_as(options->metrics, "result=\"sent\"");
    out->away = count_as(options->metrics, "result=\"not_taken\"");
    struct metric *full = count_as(options->metrics, "result=\"queue_full\"");
    buf_init(&out->batch, BATCH_BYTES);
    atomic_store(&out->stopping, false);
    if (!span_queue_init(&out->queue, QUEUE_SPANS)) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!http_client_create(&out->http, err) ||
        !periodic_start(&out->thread, "traces", PAUSE_MS, on_time, out, err))
        return traces_finish(), false;
    recording_begin(&out->queue, options->ratio, full);
    return true;
}

static void batch_flush(struct exporter *out, int64_t until_ms)
{
    int64_t left_ms, ignored;
    while ((left_ms = until_ms - clock_mono_ms()) > 0) {
        batch_gather(out);
        if (!out->count || !is_taken(batch_post(out, left_ms < TIMEOUT_MS ? left_ms : TIMEOUT_MS, &ignored)))
            break;
        batch_drop(out, out->sent);
    }
    batch_gather(out);
    if (out->count) log_warn("some spans of traces are lost");
}

void traces_stop(int64_t left_ms)
{
    struct exporter *out = &exporter;
    int64_t until_ms = clock_mono_ms() + left_ms;
    if (!out->thread) return;
    recording_end();
    if (left_ms < 2 * TIMEOUT_MS) atomic_store(&out->stopping, true); // what is under way is sent again
    periodic_stop(out->thread);
    out->thread = NULL;
    atomic_store(&out->stopping, false);
    batch_flush(out, until_ms);
}

void traces_finish(void)
{
    struct exporter *out = &exporter;
    traces_stop(0);
    http_client_destroy(out->http);
    span_queue_finish(&out->queue);
    buf_finish(&out->batch);
    *out = (struct exporter){.url = NULL};
}
