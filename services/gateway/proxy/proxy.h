// The reverse proxy: requests whose path begins with a prefix go to the upstream behind it, and CONNECT leads
// to its targets. Each request has a connection of its own on either side, and none carries a second one: so
// nothing that two servers read in two ways can become another request. What is on its way is bounded, and
// who sends faster than the other side takes has to wait.
#ifndef GATEWAY_PROXY_PROXY_H
#define GATEWAY_PROXY_PROXY_H

#include <stdatomic.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/metrics.h"
#include "lib/net/loop.h"
#include "services/gateway/proxy/rules.h"

enum { PROXY_TRACE_ID = 33, PROXY_TRACEPARENT = 56, PROXY_METHOD = 16, PROXY_CLIENT = 48 };

struct http_exchange;
struct passage;
struct upstreams;

struct proxy_options {
    const char *prefixes, *targets; // as proxy_rules_parse and proxy_rules_parse_targets have them
    int64_t most;                   // requests and tunnels on their way
    int64_t max_body_bytes;
    int64_t timeout_ms; // until the head of an answer
    int64_t idle_ms;    // in which nothing moves
    bool tls;           // clients come by it
    struct metrics *metrics;
};

// One for all loops.
struct proxy {
    struct proxy_options options;
    struct proxy_rules rules;
    struct upstreams *upstreams;
    atomic_int on_their_way;
    struct metric *gauge;
};

// INVALID_FIELD names the setting. Finish it also after a failure; its texts are borrowed.
MUST_CHECK bool proxy_open(struct proxy *proxy, const struct proxy_options *options,
                           const struct routes *routes, struct err *err);
void proxy_finish(struct proxy *proxy);

// Those of a loop, on its thread.
struct proxy_window {
    struct proxy *proxy;
    struct loop *loop;
    struct loop_timer tick; // while there are any
    struct passage *passages;
};

void proxy_window_init(struct proxy_window *window, struct proxy *proxy, struct loop *loop);

// What is known of a request beside its exchange.
struct proxy_order {
    const struct proxy_prefix *prefix; // NULL: a tunnel
    size_t upstream;
    const char *path; // as received; of a tunnel its target
    const char *trace_id, *traceparent;
    const struct span *request; // as far as it is known; NULL: it is not recorded
    struct span *asking;        // of the upstream; taken with the connection. By proxy_pass
    const char *user;           // for the log
};

// Whether the request may be passed on: its path, its body and the room for it.
MUST_CHECK bool proxy_admit(const struct proxy_window *window, const struct http_exchange *http,
                            const struct proxy_order *order, struct err *err);
// Takes the connection over, and answers whatever comes. False: the exchange must still be answered.
MUST_CHECK bool proxy_pass(struct proxy_window *window, struct http_exchange *http, struct proxy_order *order,
                           struct err *err);

#endif
