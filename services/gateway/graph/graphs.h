// GraphQL as callers ask for it, whatever it travels by: what all operations of one loop share. Its thread.
#ifndef GATEWAY_GRAPH_GRAPHS_H
#define GATEWAY_GRAPH_GRAPHS_H

#include <stdatomic.h>

#include "lib/base/buf.h"
#include "lib/base/metrics.h"
#include "services/gateway/access/access.h"
#include "services/gateway/access/limits.h"
#include "services/gateway/ask/ask.h"
#include "services/gateway/ask/trace.h"
#include "services/gateway/auth/auth_feed.h"
#include "services/gateway/auth/key_fetch.h"
#include "services/gateway/feed/desk.h"
#include "services/gateway/graphql/trust/trust.h"
#include "services/gateway/graphql/types/types.h"
#include "services/gateway/stream/names.h"

struct body;
struct presence;
struct token_check;

// Memory of all loops: of operations until they are answered, because they keep many replies; and of
// documents as long as they are followed, which may take a quarter as much, besides.
struct graph_budget {
    atomic_size_t held, followed;
    size_t most;
};

// Everything lives as long as the loop's operations.
struct graphs_options {
    struct loop *loop;
    struct asks *asks;
    size_t events; // its place among the services
    struct access *access;
    const struct auth_feed *feed;
    struct key_fetch *keys;
    const struct limits *limits;
    struct feed *streams;
    struct desk_window *desk;
    struct presence *presence;
    const struct gql_schema *schema;
    const struct gql_trust *trust; // documents
    bool trusted_only;
    struct graph_budget *budget;
    int64_t timeout_ms; // of an operation that is no answer of HTTP
    struct metrics *metrics;
};

struct graphs {
    struct graphs_options lent;
    struct trace_source traces;
    struct names shapes;         // of subscriptions, by what they select
    struct names shares;         // of those who follow, by owner
    struct body *bodies;         // that were written in this turn
    struct arena scratch;        // for one of them
    struct buf text;             // the same
    struct token_check *checks;  // due, and
    struct token_check *wanting; // those that wait for keys
    uint8_t key[32];
    size_t running;
    struct metric *sockets;
};

void graphs_create(struct graphs *graphs, const struct graphs_options *options);
void graphs_turn(struct graphs *graphs); // once per turn, behind the feed's
void graphs_keys_arrived(struct graphs *graphs, const struct err *failure);
void graphs_destroy(struct graphs *graphs); // when all is over; also when it was never created

#endif
