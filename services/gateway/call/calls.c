#include "services/gateway/call/calls.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/gateway/call/admission.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/call/waiting.h"

enum {
    ARENA_CAP = 16 * 1024 * 1024,
    POOL_MOST = 256,
    LOGGED_PATH = 200,
    LOGGED_METHOD = 16,
};

void calls_init(struct calls *calls, const struct calls_lent *lent)
{
    *calls = (struct calls){.lent = *lent};
    trace_source_init(&calls->traces, lent->trusts_traces);
}

// ---- Pool

static struct call *call_take(struct calls *calls, struct http_exchange *http)
{
    struct call *call = calls->free;
    if (call) {
        calls->free = call->next;
        calls->free_count--;
    } else {
        call = calloc(1, sizeof *call);
        if (!call) abort();
        arena_init(&call->arena, ARENA_CAP);
    }
    call->calls = calls;
    call->lent = &calls->lent;
    call->http = http;
    http->context = call;
    call->caller = (struct caller){.address = http->client, .household = http->household};
    call_move(call, CALL_BEGUN);
    return call;
}

static void call_destroy(struct call *call)
{
    arena_finish(&call->arena);
    free(call);
}

static void call_give_back(struct call *call)
{
    struct calls *calls = call->calls;
    if (calls->free_count == POOL_MOST) return call_destroy(call);
    struct arena arena = call->arena;
    arena_reset(&arena);
    *call = (struct call){.next = calls->free, .arena = arena};
    call->arena.allocator.allocator_data = &call->arena;
    calls->free = call;
    calls->free_count++;
}

void calls_finish(struct calls *calls)
{
    for (struct call *call = calls->free, *next; call; call = next) {
        next = call->next;
        call_destroy(call);
    }
}

// Their answers may take a long time to go out.
void calls_empty(struct calls *calls)
{
    while (calls->full) {
        struct call *call = calls->full;
        call_unlist(call);
        arena_finish(&call->arena);
        arena_reset(&call->arena);
    }
}

// ---- Waiting for keys

static void keys_arrived(struct call *call, const struct err *failure)
{
    struct err err = failure ? *failure : (struct err){0};
    log_trace(call->trace.id);
    if (failure || !admission_know_caller(call, &err)) return reply_problem(call, &err);
    if (!call->caller.known) return; // its key is fetched once more
    if (call->state == CALL_WANTS_KEYS) return call_move(call, CALL_BODY);
    call_dispatch(call);
}

void calls_keys_arrived(struct calls *calls, const struct err *failure)
{
    for (struct call *call = calls->wanting_keys, *next; call; call = next) {
        next = call->next;
        keys_arrived(call, failure);
    }
}

// ---- Events of HTTP

static void on_begin(void *arg, struct http_exchange *http)
{
    struct calls *calls = arg;
    struct call *call = call_take(calls, http);
    struct err err = {0};
    trace_begin(&calls->traces, http->headers.traceparent, &call->trace);
    log_trace(call->trace.id);
    if (!admission_decide(call, &err)) return reply_problem(call, &err);
    if (call->state == CALL_BEGUN) call_move(call, CALL_BODY);
}

static void on_complete(void *arg, struct http_exchange *http)
{
    struct call *call = http->context;
    (void)arg;
    log_trace(call->trace.id);
    if (call->state == CALL_WANTS_KEYS) return call_move(call, CALL_WANTS_KEYS_WHOLE);
    call_dispatch(call);
}

static void on_expire(void *arg, struct http_exchange *http)
{
    struct call *call = http->context;
    struct err err = {0};
    (void)arg;
    log_trace(call->trace.id);
    if (call->state == CALL_PARKED) return waiting_answer(call);
    err_fail(&err, DEADLINE_PASSED, "the request took too long; its outcome is unknown");
    reply_problem(call, &err);
}

static void on_leave(void *arg, struct http_exchange *http)
{
    struct call *call = http->context;
    struct err err = {0};
    (void)arg;
    log_trace(call->trace.id);
    if (call->state == CALL_ASKED && call_writes(call)) return; // a write goes on to its end
    err_fail(&err, CLIENT_GONE, "the client went away");
    reply_problem(call, &err);
}

static void copy_start(char *out, size_t size, const char *text, size_t len)
{
    if (len >= size) len = size - 1;
    memcpy(out, text, len);
    out[len] = 0;
}

static void log_request(const struct call *call, int status, int64_t took_ms)
{
    const struct http_exchange *http = call->http;
    char path[LOGGED_PATH + 1], method[LOGGED_METHOD + 1];
    copy_start(method, sizeof method, http->method, strlen(http->method));
    copy_start(path, sizeof path, http->target, strcspn(http->target, "?"));
    log_info("request", F_STR("method", method), F_STR("path", path), F_INT("status", status),
             F_INT("ms", took_ms), F_STR("client", http->client),
             F_STR("user", call->caller.known ? call->caller.claims.user_id : "-"));
}

// Known texts alone: the path is as the route has it, not as it was sent.
static void call_record(const struct call *call, int status)
{
    const struct route *route = call->match.route;
    struct span span = trace_span(&call->trace, route ? route->path : "unmatched", call->http->begun_ms);
    span.verb = route ? verb_name(route->verb) : NULL;
    span.status = status;
    span.failed = status >= 500;
    span_record(&span);
}

static void on_end(void *arg, struct http_exchange *http, int status, bool sent)
{
    const struct call_metrics *metrics = ((const struct calls *)arg)->lent.metrics;
    struct call *call = http->context;
    int64_t took_ms = clock_mono_ms() - http->begun_ms;
    log_trace(call->trace.id);
    call_move(call, CALL_FREE);
    if (!sent) status = 499;
    if (!call->handed) { // else the proxy tells what becomes of it
        log_request(call, status, took_ms);
        if (call->trace.sampled) call_record(call, status);
        metric_add(metrics->by_class[status / 100 < 6 ? status / 100 : 5], 1);
        histogram_observe(metrics->seconds, took_ms * 1000000);
    }
    log_trace(NULL);
    call_give_back(call);
}

struct http_application calls_application(struct calls *calls)
{
    return (struct http_application){.arg = calls,
                                     .begin = on_begin,
                                     .complete = on_complete,
                                     .end = on_end,
                                     .expire = on_expire,
                                     .leave = on_leave};
}
