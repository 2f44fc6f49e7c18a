// GraphQL as callers ask for it, whatever it travels by: what all operations of one loop borrow. Its thread.
#ifndef GATEWAY_GRAPH_GRAPHS_H
#define GATEWAY_GRAPH_GRAPHS_H

#include <stdatomic.h>

#include "services/gateway/access/access.h"
#include "services/gateway/access/limits.h"
#include "services/gateway/ask/ask.h"
#include "services/gateway/auth/auth_feed.h"
#include "services/gateway/graphql/trust/trust.h"
#include "services/gateway/graphql/types/types.h"

// Memory of operations until they are answered, of all loops: they keep many replies.
struct graph_budget {
    atomic_size_t held;
    size_t most;
};

// Everything lives as long as the loop's operations.
struct graphs {
    struct asks *asks;
    struct access *access;
    const struct auth_feed *feed;
    const struct limits *limits;
    const struct gql_schema *schema;
    const struct gql_trust *trust; // documents
    bool trusted_only;
    struct graph_budget *budget;
};

#endif
