// The gateway as a whole: one loop thread that owns HTTP, the calls and the clients of the services. Only
// what is marked may be touched by other threads.
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/service.h"
#include "services/gateway/access.h"
#include "services/gateway/backend.h"
#include "services/gateway/call.h"
#include "services/gateway/cors.h"
#include "services/gateway/http.h"
#include "services/gateway/identity_feed.h"
#include "services/gateway/limits.h"
#include "services/gateway/pages.h"
#include "services/gateway/reply.h"
#include "services/gateway/routes.h"
#include "services/gateway/settings.h"
#include "services/gateway/trace.h"
#include "services/gateway/waits.h"

struct gateway {
    struct service *service;
    struct gateway_settings settings;
    struct loop *loop;
    struct http_server *http;
    struct routes *routes;
    struct access *access;
    struct limits limits;
    struct cors cors;
    struct trace_source traces;
    struct backends backends;
    struct pages pages;
    struct call_pool calls;
    struct reply_writer writer;
    struct identity_feed *identity_feed; // keys and revocations from auth
    struct waits *waits;                 // parked reads of logs
    struct gateway_metrics {
        struct metric *by_class[6]; // requests answered with 1xx to 5xx; [0]: never answered
        struct histogram *seconds;
        struct metric *connections, *parked;
    } metrics;
    pthread_t thread;
    bool running, draining;
    atomic_bool drain; // any thread
    atomic_bool drained;
};

// settings are filled before the gateway opens and must live as long.
struct service_program gateway_program(struct gateway_settings *settings);

#endif
