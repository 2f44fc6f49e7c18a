// The gateway as a whole: what all its loops share. It is made before their threads start and changed only
// through what is thread-safe itself; what belongs to one loop is in gateway_loop.h.
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include <stdatomic.h>

#include "lib/service/service.h"
#include "services/gateway/access/access.h"
#include "services/gateway/access/cors.h"
#include "services/gateway/gateway_loop.h"
#include "services/gateway/http/http.h"
#include "services/gateway/auth/auth_feed.h"
#include "services/gateway/feed/desk.h"
#include "services/gateway/feed/quota.h"
#include "services/gateway/access/limits.h"
#include "services/gateway/stream/topics.h"
#include "services/gateway/api/pages.h"
#include "services/gateway/api/routes.h"
#include "services/gateway/proxy/proxy.h"
#include "services/gateway/settings.h"
#include "services/gateway/stream/waits.h"

struct gql_schema;
struct gql_trust;
struct site;

struct gateway {
    struct service *service;
    struct gateway_settings settings;
    struct http_front *front;
    struct reply_budget *replies;
    struct routes *routes;
    struct asks_service services[ASKS_SERVICES_MOST]; // those that routes name
    size_t services_count, auth, events, chain;       // the three: their places among them
    struct access *access;
    struct limits limits;
    struct proofs proofs;
    struct cors cors;
    struct pages pages;
    struct site *site;          // the console
    struct arena graphql_arena; // of the schema
    const struct gql_schema *graphql;
    struct gql_trust *trust;
    bool trusted_only; // other documents do not run
    struct graph_budget graphs;
    struct auth_feed *auth_feed; // keys and revocations from auth
    struct replica_tell *tell;   // that it is here
    struct topics *topics;       // news for all loops
    struct gateway_loop *loops;
    size_t loops_count;
    struct waits_count waiting; // reads that wait for news
    struct feed_quota *quota;   // of connections that follow streams
    struct desk *desk;          // of tickets
    struct presence *presence;
    struct proxy proxy; // to other servers
    atomic_bool drain;
    int64_t drain_ms; // set before drain
    struct call_metrics metrics;
    struct metric *parked;
};

// settings are filled before the gateway opens and must live as long.
struct service_program gateway_program(struct gateway_settings *settings);

#endif
