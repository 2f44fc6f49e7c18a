// What a subscription selects, for all viewers of a loop that select the same: read, checked and planned
// once, for as long as one of them is there. The loop's thread.
#ifndef GATEWAY_GRAPH_SHAPE_H
#define GATEWAY_GRAPH_SHAPE_H

#include "services/gateway/graph/graphs.h"
#include "services/gateway/graphql/run/run.h"

struct shape {
    struct name name;
    char text[65]; // by which it is found
    unsigned holders;
    struct graphs *graphs;
    struct arena arena;
    size_t held;                // memory that was counted
    struct gql_request request; // texts in the arena, variables held
    struct gql_run *run;        // asks nothing
};

// That of the run, which is a subscription, from the request. SERVICE_BUSY: all have too much memory.
MUST_CHECK bool shape_take(struct shape **shape, struct graphs *graphs, const struct gql_run *run,
                           const struct gql_request *request, struct err *err);
void shape_drop(struct shape *shape); // NULL is fine

#endif
