// One loop of the gateway: a thread with its HTTP server, its clients of the services, its calls and parked
// reads. All of it belongs to that thread while it runs, except where marked. Life: open, listen, connect,
// start, stop, join, close; after a failure stop, join and close are called all the same.
#ifndef GATEWAY_GATEWAY_LOOP_H
#define GATEWAY_GATEWAY_LOOP_H

#include <pthread.h>
#include <stdatomic.h>

#include "services/gateway/ask/ask.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/graph/graphs.h"
#include "services/gateway/http/http.h"
#include "services/gateway/auth/key_fetch.h"
#include "services/gateway/proxy/proxy.h"
#include "lib/net/loop.h"
#include "services/gateway/call/writer.h"

struct desk_window;
struct feed;
struct gateway;
struct hub;
struct waits;

struct gateway_loop {
    struct gateway *gateway;
    struct loop *loop;
    struct http_server *http;
    struct asks *asks;
    struct calls calls;
    struct graphs graphs;
    struct writer writer;
    struct key_fetch keys;
    struct hub *hub;
    struct waits *waits;
    struct feed *feed; // streams that viewers follow
    struct desk_window *desk;
    struct proxy_window proxy;
    struct metric *connections;
    pthread_t thread;
    bool running, draining;
    unsigned revocations;     // of tokens that were looked at
    atomic_bool met, drained; // was connected to auth; has no connections left. Any thread
};

MUST_CHECK bool gateway_loop_open(struct gateway_loop *home, struct gateway *gateway, struct err *err);
// Takes the address; connections are served once the thread starts.
MUST_CHECK bool gateway_loop_listen(struct gateway_loop *home, struct err *err);
// Opens the clients of the services.
MUST_CHECK bool gateway_loop_connect(struct gateway_loop *home, struct err *err);
MUST_CHECK bool gateway_loop_start(struct gateway_loop *home, struct err *err);
void gateway_loop_stop(struct gateway_loop *home); // asks the thread to end
// Waits for it; what was in flight is answered by then, and the clients of the services are closed.
void gateway_loop_join(struct gateway_loop *home);
void gateway_loop_close(
    struct gateway_loop *home); // when all loops have ended and no topics are followed any more

#endif
