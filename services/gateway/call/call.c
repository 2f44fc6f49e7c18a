#include "services/gateway/call/call.h"

#include <stdio.h>

#include "lib/base/log.h"
#include "services/gateway/api/assemble.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/call/cookies.h"
#include "services/gateway/call/graphql.h"
#include "services/gateway/call/page.h"
#include "services/gateway/call/precondition.h"
#include "services/gateway/call/proxying.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/call/waiting.h"

enum { REPLY_MARGIN_MS = 200 };

// What the method takes beside a raw body; which the gateway knows all, or it had not started.
static void call_headers(const struct call *call, const char *values[SCHEMA_HEADERS_MOST])
{
    const struct schema_header *header = call->method->raw_body.headers;
    for (size_t i = 0; header && header[i].name; i++)
        values[i] = *http_headers_find(&call->http->headers, header[i].name);
}

static bool call_pack(struct call *call, struct err *err)
{
    const struct route *route = call->match.route;
    const char *headers[SCHEMA_HEADERS_MOST] = {0};
    call_headers(call, headers);
    struct assembly assembly = {.method = call->method,
                                .param_names = route->params,
                                .param_values = call->match.params,
                                .target = &call->target,
                                .takes_body = route->takes_body,
                                .media = negotiate_content_type(call->http->headers.content_type),
                                .body = call->http->body,
                                .body_len = call->http->body_len,
                                .headers = headers};
    ProtobufCMessage *message;
    if (!assemble(&assembly, &call->arena, &message, err)) return false;
    if (!cookies_fill(call, message, err)) return false;
    if (call->method->wait) waiting_begin(call, message);
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
    if (!reply->err) snprintf(call->cursor, sizeof call->cursor, "%s", reply->cursor);
    if (reply->err && call->waiting && waiting_retry(call, reply->err)) return;
    if (reply->err) return reply_problem(call, reply->err);
    if (call->waiting && waiting_keep(call, reply)) return;
    reply_message(call, reply->payload, reply->len);
}

bool call_writes(const struct call *call)
{
    return call->method ? !schema_reads(call->method) : graphql_writes(call);
}

int64_t call_deadline_ms(const struct call *call)
{
    return loop_now_ms(call->lent->loop) + http_left_ms(call->http) - REPLY_MARGIN_MS;
}

// Of several processes of a service one gets all calls about an event; commands that name none go by their
// user, because what a user may have is counted where it is made.
static const char *call_stream(const struct call *call)
{
    const char *stream = route_peer(call->match.route, &call->match);
    const char *user_id = call->caller.claims.user_id;
    return stream || call->method->class != CONSE__CLASS__WRITE || !*user_id ? stream : user_id;
}

void call_send(struct call *call)
{
    struct ask ask = {
        .caller = &call->caller,
        .method = call->method,
        .service = call->match.route->service,
        .payload = call->packed,
        .key = call->key,
        .trace = call->trace.parent,
        .stream = call_stream(call),
        .acts = call->acts,
        .acts_count = call->acts_count,
        .deadline_ms = call_deadline_ms(call),
        .tells_address = call->match.route->auth_limited,
        .fresh = call->waiting, // news that came before it was asked is not told again
    };
    call_move(call, CALL_ASKED);
    call->ask_id = gateway_ask(call->lent->asks, &ask, on_reply, call);
}

void call_dispatch(struct call *call)
{
    struct err err = {0};
    if (proxying_has(call)) return proxying_pass(call);
    if (!call->match.route) return reply_options(call);
    if (call_is_graphql(call)) return graphql_begin(call);
    if (!call->method) return page_answer(call);
    if (!call_pack(call, &err)) return reply_problem(call, &err);
    if (precondition_holds(call, &err)) return call_send(call);
    if (call->state != CALL_COMPARED) reply_problem(call, &err);
}
