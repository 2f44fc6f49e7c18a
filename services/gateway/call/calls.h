// The calls of one loop: events of its HTTP server become calls, with what the gateway lends them. The loop's
// thread.
#ifndef GATEWAY_CALL_CALLS_H
#define GATEWAY_CALL_CALLS_H

#include "services/gateway/access/access.h"
#include "services/gateway/auth/auth_feed.h"
#include "services/gateway/access/cors.h"
#include "services/gateway/auth/key_fetch.h"
#include "services/gateway/access/limits.h"
#include "services/gateway/access/proof.h"
#include "services/gateway/api/pages.h"
#include "services/gateway/ask/ask.h"
#include "services/gateway/ask/trace.h"
#include "services/gateway/call/writer.h"
#include "services/gateway/http/http.h"

struct call;
struct graphs;
struct desk_window;
struct presence;
struct feed;
struct proxy_window;
struct site;
struct waits;

struct call_metrics {
    struct metric *by_class[6]; // requests answered with 1xx to 5xx; [0]: never answered
    struct histogram *seconds;
};

// Everything lent lives as long as the calls.
struct calls_lent {
    struct loop *loop;
    struct asks *asks;
    size_t events; // its place among the services
    struct key_fetch *keys;
    struct waits *waits;
    struct feed *streams;
    struct desk_window *desk; // for tickets
    struct presence *presence;
    struct writer *writer;
    const struct routes *routes;
    const struct pages *pages;
    const struct site *site;
    const struct cors *cors;
    struct access *access;
    const struct auth_feed *feed;
    const struct limits *limits;
    const struct proofs *proofs;
    struct graphs *graphs;
    struct proxy_window *proxy;
    const struct call_metrics *metrics;
    int64_t max_body_bytes, max_image_bytes;
    bool trusts_traces; // that clients begin
};

struct calls {
    struct calls_lent lent;
    struct trace_source traces;
    struct call *free, *wanting_keys;
    struct call *full; // answered calls that hold much memory, until the turn is over
    size_t free_count;
};

void calls_init(struct calls *calls, const struct calls_lent *lent);
void calls_finish(struct calls *calls); // when the server has stopped

struct http_application calls_application(struct calls *calls);
// Once per turn, at its end: frees what answered calls hold and no longer need.
void calls_empty(struct calls *calls);
// Checks calls that waited for keys again, or refuses them when `failure` says why there are none.
void calls_keys_arrived(struct calls *calls, const struct err *failure);

#endif
