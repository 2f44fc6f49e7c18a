#include "services/gateway/call/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/json/json.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "services/gateway/api/assemble.h"
#include "services/gateway/gateway.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/stream/waits.h"

enum {
    ARENA_CAP = 16 * 1024 * 1024,
    POOL_MOST = 256,
    MAX_KEY = 64,
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

// ---- Admission, by the headers alone

static bool refuse_fault(const struct http_exchange *http, struct err *err)
{
    switch (http->fault_status) {
    case 414:
        return err_fail(err, TARGET_TOO_LONG, "%s", http->fault);
    case 431:
        return err_fail(err, HEADERS_TOO_LARGE, "%s", http->fault);
    default:
        return err_fail(err, MALFORMED, "%s", http->fault);
    }
}

// OPTIONS * is about the server, not about a route.
static bool asks_of_all(struct call *call)
{
    if (strcmp(call->http->target, "*") != 0 || strcmp(call->http->method, "OPTIONS") != 0) return false;
    call->match.verbs = (1U << VERB_COUNT) - 1;
    return true;
}

static bool find_route(struct call *call, struct err *err)
{
    const struct http_exchange *http = call->http;
    if (http->fault) return refuse_fault(http, err);
    if (asks_of_all(call)) return true;
    if (!target_parse(http->target, &call->target, &call->arena, err)) return false;
    call->match = routes_match(call->gateway->routes, http->method, &call->target);
    if (!call->match.verbs) return err_fail(err, NO_ROUTE, "there is no such route");
    if (!call->match.route && strcmp(http->method, "OPTIONS") != 0)
        return err_fail(err, METHOD_NOT_ALLOWED, "%.16s is not allowed here", http->method);
    if (!call->match.route) return true;
    call->method = routes_method(call->gateway->routes, call->match.route);
    call->facts = call_facts_of(call->match.route, call->method);
    return true;
}

static bool take_token_of(struct call *call, enum limit_class class, const char *key, struct err *err)
{
    struct gateway *gateway = call->gateway;
    call->bucket = gateway->limits.classes[class];
    call->bucket_state = limits_take(&gateway->limits, class, key, loop_now_ms(call->home->loop));
    if (call->bucket_state.allowed) return true;
    err_fail(err, RATE_LIMITED, "too many requests; try again in %u s", call->bucket_state.retry_after_s);
    err->retry_after_s = call->bucket_state.retry_after_s;
    return false;
}

static bool check_level(const struct call *call, struct err *err)
{
    uint32_t level = call->claims.level;
    bool god = level == AUTH__LEVEL__VALUE__GOD || level == AUTH__LEVEL__VALUE__DEV;
    const char *const *names = routes_params(call->gateway->routes, call->match.route);
    switch (call->match.route->access) {
    case ROUTE_USER:
        return true;
    case ROUTE_GOD:
        return god || err_fail(err, LEVEL_TOO_LOW, "only a god may do this");
    case ROUTE_DEV:
        return level == AUTH__LEVEL__VALUE__DEV || err_fail(err, LEVEL_TOO_LOW, "only a dev may do this");
    case ROUTE_SELF:
        for (size_t i = 0; names[i]; i++)
            if (strcmp(names[i], "user_id") == 0 && strcmp(call->match.params[i], call->claims.user_id) == 0)
                return true;
        return god || err_fail(err, LEVEL_TOO_LOW, "only the player or the god may do this");
    default:
        return err_fail(err, LEVEL_TOO_LOW, "this route is closed");
    }
}

// While revocations cannot be heard, a level that was taken away might still be used: powerful routes close.
static bool check_feed(const struct call *call, struct err *err)
{
    enum route_access access = call->match.route->access;
    if (access != ROUTE_GOD && access != ROUTE_DEV) return true;
    if (auth_feed_fresh(call->gateway->auth_feed)) return true;
    err_fail(err, SERVICE_AWAY, "revocations cannot be read now");
    err->retry_after_s = 1;
    return false;
}

static bool know_caller(struct call *call, struct err *err)
{
    struct gateway *gateway = call->gateway;
    struct access_time now = {loop_now_ms(call->home->loop), clock_unix_ms()};
    call->wants_keys = false;
    enum access_verdict verdict =
        access_check(gateway->access, call->http->headers.authorization, now, &call->claims, err);
    if (verdict == ACCESS_GOOD) return call->known = true;
    if (verdict == ACCESS_UNKNOWN_KEY && key_fetch_begin(&call->home->keys)) return call->wants_keys = true;
    struct err limited;
    if (!take_token_of(call, LIMIT_OTHER, call->http->household, &limited)) *err = limited;
    return false;
}

static bool check_caller(struct call *call, struct err *err)
{
    const struct route *route = call->match.route;
    if (route->access == ROUTE_PUBLIC) return true;
    if (call->http->headers.authorization) {
        if (!know_caller(call, err)) return false;
        if (call->wants_keys) return true;
    } else if (route->access != ROUTE_OPTIONAL) {
        return err_fail(err, TOKEN_INVALID, "an access token is needed");
    }
    return route->access == ROUTE_OPTIONAL || (check_level(call, err) && check_feed(call, err));
}

static bool take_limit(struct call *call, struct err *err)
{
    if (call->facts.auth_limited) return take_token_of(call, LIMIT_AUTH, call->http->household, err);
    return take_token_of(call, LIMIT_OTHER, call->known ? call->claims.user_id : call->http->household, err);
}

static bool takes_body(const struct route *route)
{
    return route->verb == VERB_POST || route->verb == VERB_PUT || route->verb == VERB_PATCH;
}

static bool check_encoding(const struct call *call, struct err *err)
{
    const char *encoding = call->http->headers.content_encoding;
    return !encoding || strcasecmp(encoding, "identity") == 0 ||
           err_fail(err, MEDIA_TYPE_UNSUPPORTED, "the body must come without Content-Encoding");
}

static bool check_media(struct call *call, struct err *err)
{
    const struct http_headers *headers = &call->http->headers;
    if (call->facts.raw_body)
        return negotiate_is_image(headers->content_type) ||
               err_fail(err, MEDIA_TYPE_UNSUPPORTED, "the body must be image/png, image/jpeg or image/webp");
    return negotiate_content_type(headers->content_type) != MEDIA_NONE ||
           err_fail(err, MEDIA_TYPE_UNSUPPORTED,
                    "the body must be application/json or application/x-protobuf");
}

static bool check_body(struct call *call, struct err *err)
{
    const struct gateway_settings *settings = &call->gateway->settings;
    const struct route *route = call->match.route;
    bool raw = call->facts.raw_body;
    int64_t len = call->http->content_length,
            most = raw ? settings->max_image_bytes : settings->max_body_bytes;
    if (call->http->headers.transfer_encoding || (raw && !call->http->headers.content_length))
        return err_fail(err, LENGTH_REQUIRED, "a body needs a Content-Length");
    if (len > most)
        return err_fail(err, BODY_TOO_LARGE, "the body may have at most %lld bytes", (long long)most);
    if (len == 0) return true;
    if (!takes_body(route)) return err_fail(err, MALFORMED, "this request takes no body");
    if (!check_encoding(call, err) || !check_media(call, err)) return false;
    return http_reserve_body(call->http) || err_fail(err, SERVICE_BUSY, "too many bodies at once");
}

static bool check_reply(struct call *call, struct err *err)
{
    bool fixed = !call->method || call->facts.raw_reply || call->match.route->status == 204;
    call->reply_media = negotiate_accept(call->http->headers.accept);
    return fixed || call->reply_media != MEDIA_NONE ||
           err_fail(err, NOT_ACCEPTABLE, "replies are application/json or application/x-protobuf");
}

static const char *idempotency_key(const struct call *call)
{
    return call->facts.keyed ? call->http->headers.idempotency_key : NULL;
}

static bool check_key(struct call *call, struct err *err)
{
    const char *key = idempotency_key(call);
    return !key || text_is_visible_ascii(key, MAX_KEY) ||
           err_field(err, MALFORMED, "Idempotency-Key",
                     "Idempotency-Key must be 1 to %d visible ASCII characters", MAX_KEY);
}

static bool admit(struct call *call, struct err *err)
{
    if (!find_route(call, err)) return false;
    if (!call->match.route) return true; // OPTIONS
    return check_caller(call, err) && take_limit(call, err) && check_body(call, err) &&
           check_reply(call, err) && check_key(call, err);
}

// ---- Dispatch

static bool pack(struct call *call, struct err *err)
{
    const struct route *route = call->match.route;
    struct assembly assembly = {.method = call->method,
                                .param_names = routes_params(call->gateway->routes, route),
                                .param_values = call->match.params,
                                .target = &call->target,
                                .takes_body = takes_body(route),
                                .raw_body = call->facts.raw_body,
                                .media = negotiate_content_type(call->http->headers.content_type),
                                .body = call->http->body,
                                .body_len = call->http->body_len};
    ProtobufCMessage *message;
    if (!assemble(&assembly, &call->arena, &message, err)) return false;
    if (call->facts.waits) waits_prepare(call, message);
    size_t size = protobuf_c_message_get_packed_size(message);
    call->packed.data = arena_alloc(&call->arena, size);
    if (!call->packed.data) return err_fail(err, BODY_TOO_LARGE, "the request needs too much memory");
    call->packed.len = protobuf_c_message_pack(message, call->packed.data);
    return true;
}

static void on_reply(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct call *call = arg;
    log_trace(call->trace.id);
    call->backend = NULL;
    if (!ok) return reply_problem(call, err);
    if (call->wait && waits_keep(call, payload, len)) return;
    reply_message(call, payload, len);
}

// The headers may be older than the body, and than the news that a parked call has waited for.
static bool is_still_good(const struct call *call, struct err *err)
{
    struct access *access = call->gateway->access;
    return !call->known || !access_is_revoked(access, &call->claims, loop_now_ms(call->home->loop)) ||
           err_fail(err, TOKEN_INVALID, "the access token was revoked");
}

void call_send(struct call *call)
{
    char name[16];
    struct err revoked;
    if (!is_still_good(call, &revoked)) return reply_problem(call, &revoked);
    Rpc__Caller caller = RPC__CALLER__INIT;
    caller.user_id = call->claims.user_id;
    caller.username = call->claims.username;
    caller.session_id = call->claims.session_id;
    caller.level = call->claims.level;
    bool counted = call->facts.tells_address;
    if (counted) caller.address = call->http->client;
    struct rpc_request request = {
        .method = call->method,
        .caller = call->known || counted ? &caller : NULL,
        .payload = call->packed,
        .idempotency_key = idempotency_key(call),
        .traceparent = call->trace.parent,
        .stream = call->match.params[0],
        .timeout_ms = http_left_ms(call->http) - REPLY_MARGIN_MS,
    };
    if (request.timeout_ms < 1) request.timeout_ms = 1;
    call->backend = backend_find(&call->home->backends, route_service(call->match.route, name));
    call->rpc_id = rpc_client_call(call->backend->client, &request, on_reply, call);
}

static void dispatch(struct call *call)
{
    struct err err = {0};
    if (!call->match.route) return reply_options(call);
    if (!call->method) return reply_page(call);
    if (!pack(call, &err)) return reply_problem(call, &err);
    call_send(call);
}

// ---- Waiting for keys

void call_keys_arrived(struct gateway_loop *home, const struct err *failure)
{
    struct call *next, *call = home->calls.wanting_keys;
    home->calls.wanting_keys = NULL;
    for (; call; call = next) {
        struct err err = failure ? *failure : (struct err){0};
        next = call->next;
        log_trace(call->trace.id);
        bool ok = !failure && check_caller(call, &err) && !call->wants_keys;
        call->wants_keys = false;
        if (ok)
            dispatch(call);
        else
            reply_problem(call, &err);
    }
}

static void forget_wanting(struct call *call)
{
    struct call **link = &call->home->calls.wanting_keys;
    while (*link && *link != call) link = &(*link)->next;
    if (*link) *link = call->next;
}

// ---- What HTTP tells

static void on_begin(void *arg, struct http_exchange *http)
{
    struct gateway_loop *home = arg;
    struct call *call = call_take(home, http);
    struct err err = {0};
    trace_begin(&home->traces, http->headers.traceparent, &call->trace);
    log_trace(call->trace.id);
    if (!admit(call, &err)) reply_problem(call, &err);
}

static void on_complete(void *arg, struct http_exchange *http)
{
    struct gateway_loop *home = arg;
    struct call *call = http->context;
    log_trace(call->trace.id);
    if (!call->wants_keys) return dispatch(call);
    call->next = home->calls.wanting_keys;
    home->calls.wanting_keys = call;
}

static void abandon(struct call *call)
{
    if (call->backend) rpc_client_cancel(call->backend->client, call->rpc_id);
    call->backend = NULL;
    if (call->wants_keys) forget_wanting(call);
    waits_forget(call);
}

static void on_expire(void *arg, struct http_exchange *http)
{
    struct call *call = http->context;
    struct err err = {0};
    (void)arg;
    log_trace(call->trace.id);
    if (waits_expire(call)) return;
    abandon(call);
    err_fail(&err, DEADLINE_PASSED, "the request took too long; its outcome is unknown");
    reply_problem(call, &err);
}

static void on_leave(void *arg, struct http_exchange *http)
{
    struct call *call = http->context;
    struct err err = {0};
    (void)arg;
    log_trace(call->trace.id);
    abandon(call);
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
             F_STR("user", call->known ? call->claims.user_id : "-"));
}

static void on_end(void *arg, struct http_exchange *http, int status, bool sent)
{
    const struct gateway_metrics *metrics = &((struct gateway_loop *)arg)->gateway->metrics;
    struct call *call = http->context;
    log_trace(call->trace.id);
    abandon(call);
    if (!sent) status = 499;
    log_request(call, status);
    metric_add(metrics->by_class[status / 100 < 6 ? status / 100 : 5], 1);
    histogram_observe(metrics->seconds, (clock_mono_ms() - http->begun_ms) * 1000000);
    log_trace(NULL);
    call_give_back(call);
}

const struct http_application call_application = {
    .begin = on_begin, .complete = on_complete, .end = on_end, .expire = on_expire, .leave = on_leave};
