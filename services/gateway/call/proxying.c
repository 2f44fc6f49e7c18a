#include "services/gateway/call/proxying.h"

#include <string.h>

#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/proxy/proxy.h"
#include "services/gateway/proxy/request_head.h"

static struct proxy_order order_of(const struct call *call)
{
    const char *target = call->http->target;
    return (struct proxy_order){.prefix = call->proxied,
                                .upstream = call->upstream,
                                .path = call->tunnels ? target : request_path(target),
                                .user = call->caller.known ? call->caller.claims.user_id : NULL,
                                .trace_id = call->trace.id,
                                .traceparent = call->trace.parent};
}

bool proxying_find(struct call *call)
{
    const struct proxy_window *window = call->lent->proxy;
    call->proxied = proxy_rules_find(&window->proxy->rules, request_path(call->http->target));
    if (call->proxied) call->upstream = call->proxied->upstream;
    return call->proxied;
}

bool proxying_tunnels(const struct call *call)
{
    return strcmp(call->http->method, "CONNECT") == 0 && call->lent->proxy->proxy->rules.targets_count > 0;
}

bool proxying_find_target(struct call *call, struct err *err)
{
    const struct proxy_rules *rules = &call->lent->proxy->proxy->rules;
    return proxy_rules_find_target(rules, call->http->target, &call->upstream) ||
           err_fail(err, TARGET_REFUSED, "there is no tunnel to this target");
}

bool proxying_has(const struct call *call) { return call->proxied || call->tunnels; }

bool proxying_admit(struct call *call, struct err *err)
{
    const struct proxy_order order = order_of(call);
    if (!proxy_admit(call->lent->proxy, call->http, &order, err)) return false;
    http_stream_body(call->http);
    return true;
}

void proxying_pass(struct call *call)
{
    struct proxy_order order = order_of(call);
    struct span span;
    struct err err;
    if (call->trace.sampled) {
        span =
            trace_span(&call->trace, call->proxied ? call->proxied->path : "CONNECT", call->http->begun_ms);
        order.request = &span;
    }
    call->handed = proxy_pass(call->lent->proxy, call->http, &order, &err);
    if (!call->handed) return reply_problem(call, &err);
    call_move(call, CALL_ANSWERED);
}
