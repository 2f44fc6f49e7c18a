#include "services/gateway/call/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "services/gateway/api/assemble.h"
#include "services/gateway/gateway.h"
#include "services/gateway/call/admission.h"
#include "services/gateway/call/precondition.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/call/waiting.h"

enum {
    ARENA_CAP = 16 * 1024 * 1024,
    POOL_MOST = 256,
    REPLY_MARGIN_MS = 200,
    LOGGED_PATH = 200,
    LOGGED_METHOD = 16,
};

// ---- Pool

static struct call *call_take(struct gateway_loop *home, struct http_exchange *http)
{
    struct call_pool *pool = &home->calls;
    struct call *call = pool->free;
    if (call) {
        pool->free = call->next;
        pool->free_count--;
    } else {
        call = calloc(1, sizeof *call);
        if (!call) abort();
        arena_init(&call->arena, ARENA_CAP);
    }
    call->gateway = home->gateway;
    call->home = home;
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
    struct call_pool *pool = &call->home->calls;
    if (pool->free_count == POOL_MOST) return call_destroy(call);
    struct arena arena = call->arena;
    arena_reset(&arena);
    *call = (struct call){.next = pool->free, .arena = arena};
    call->arena.allocator.allocator_data = &call->arena;
    pool->free = call;
    pool->free_count++;
}

void call_pool_finish(struct call_pool *pool)
{
    for (struct call *call = pool->free, *next; call; call = next) {
        next = call->next;
        call_destroy(call);
    }
}

// Their answers may be on their way for long yet.
void calls_empty(struct gateway_loop *home)
{
    while (home->calls.full) {
        struct call *call = home->calls.full;
        call_unlist(call);
        arena_finish(&call->arena);
        arena_reset(&call->arena);
    }
}

// ---- Dispatch

static bool pack(struct call *call, struct err *err)
{
    const struct route *route = call->match.route;
    struct assembly assembly = {.method = call->method,
                                .param_names = routes_params(call->gateway->routes, route),
                                .param_values = call->match.params,
                                .target = &call->target,
                                .takes_body = call->facts.takes_body,
                                .raw_body = call->facts.raw_body,
                                .media = negotiate_content_type(call->http->headers.content_type),
                                .body = call->http->body,
                                .body_len = call->http->body_len};
    ProtobufCMessage *message;
    if (!assemble(&assembly, &call->arena, &message, err)) return false;
    if (call->facts.waits) waiting_begin(call, message);
    size_t size = protobuf_c_message_get_packed_size(message);
    call->packed.data = arena_alloc(&call->arena, size);
    if (!call->packed.data) return err_fail(err, BODY_TOO_LARGE, "the request needs too much memory");
    call->packed.len = protobuf_c_message_pack(message, call->packed.data);
    return true;
}

static void on_reply(void *arg, const struct ask_reply *reply)
{
    struct call *call = arg;
    log_trace(call->trace.id);
    if (reply->err && call->waiting && waiting_retry(call, reply->err)) return;
    if (reply->err) return reply_problem(call, reply->err);
    if (call->waiting && waiting_keep(call, reply->payload, reply->len)) return;
    reply_message(call, reply->payload, reply->len);
}

int64_t call_deadline_ms(const struct call *call)
{
    return loop_now_ms(call->home->loop) + http_left_ms(call->http) - REPLY_MARGIN_MS;
}

void call_send(struct call *call)
{
    struct ask ask = {
        .caller = &call->caller,
        .method = call->method,
        .payload = call->packed,
        .key = call->key,
        .trace = call->trace.parent,
        .stream = call->match.params[0],
        .acts = call->acts,
        .acts_count = call->acts_count,
        .deadline_ms = call_deadline_ms(call),
        .tells_address = call->facts.tells_address,
    };
    call_move(call, CALL_ASKED);
    call->ask_id = gateway_ask(call->home->asks, &ask, on_reply, call);
}

static void dispatch(struct call *call)
{
    struct err err = {0};
    if (!call->match.route) return reply_options(call);
    if (!call->method) return reply_page(call);
    if (!pack(call, &err)) return reply_problem(call, &err);
    if (precondition_holds(call, &err)) return call_send(call);
    if (call->state != CALL_COMPARED) reply_problem(call, &err);
}

// ---- Waiting for keys

static void keys_arrived(struct call *call, const struct err *failure)
{
    struct err err = failure ? *failure : (struct err){0};
    log_trace(call->trace.id);
    if (failure || !admission_know_caller(call, &err)) return reply_problem(call, &err);
    if (!call->caller.known) return; // its key is asked for once more
    if (call->state == CALL_WANTS_KEYS) return call_move(call, CALL_BODY);
    dispatch(call);
}

void call_keys_arrived(struct gateway_loop *home, const struct err *failure)
{
    for (struct call *call = home->calls.wanting_keys, *next; call; call = next) {
        next = call->next;
        keys_arrived(call, failure);
    }
}

// ---- What HTTP tells

static void on_begin(void *arg, struct http_exchange *http)
{
    struct gateway_loop *home = arg;
    struct call *call = call_take(home, http);
    struct err err = {0};
    trace_begin(&home->traces, http->headers.traceparent, &call->trace);
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
    dispatch(call);
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

static bool is_read(const struct call *call)
{
    return call->method->class == CONSE__CLASS__READ || call->method->class == CONSE__CLASS__BULK;
}

static void on_leave(void *arg, struct http_exchange *http)
{
    struct call *call = http->context;
    struct err err = {0};
    (void)arg;
    log_trace(call->trace.id);
    if (call->state == CALL_ASKED && !is_read(call)) return; // a write goes on to its end
    err_fail(&err, CLIENT_GONE, "the client went away");
    reply_problem(call, &err);
}

static void log_request(const struct call *call, int status)
{
    const struct http_exchange *http = call->http;
    char path[LOGGED_PATH + 1], method[LOGGED_METHOD + 1];
    snprintf(method, sizeof method, "%s", http->method);
    snprintf(path, sizeof path, "%.*s", (int)strcspn(http->target, "?"), http->target);
    log_info("request", F_STR("method", method), F_STR("path", path), F_INT("status", status),
             F_INT("ms", clock_mono_ms() - http->begun_ms), F_STR("client", http->client),
             F_STR("user", call->caller.known ? call->caller.claims.user_id : "-"));
}

static void on_end(void *arg, struct http_exchange *http, int status, bool sent)
{
    const struct gateway_metrics *metrics = &((struct gateway_loop *)arg)->gateway->metrics;
    struct call *call = http->context;
    log_trace(call->trace.id);
    call_move(call, CALL_FREE);
    if (!sent) status = 499;
    log_request(call, status);
    metric_add(metrics->by_class[status / 100 < 6 ? status / 100 : 5], 1);
    histogram_observe(metrics->seconds, (clock_mono_ms() - http->begun_ms) * 1000000);
    log_trace(NULL);
    call_give_back(call);
}

const struct http_application call_application = {
    .begin = on_begin, .complete = on_complete, .end = on_end, .expire = on_expire, .leave = on_leave};
