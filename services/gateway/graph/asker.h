// Who asks services in a run: a caller, with their rights and limits, and the memory that replies may take.
// The loop's thread.
#ifndef GATEWAY_GRAPH_ASKER_H
#define GATEWAY_GRAPH_ASKER_H

#include "services/gateway/access/caller.h"
#include "services/gateway/graph/graphs.h"
#include "services/gateway/graphql/run/run.h"

struct asker {
    struct graphs *graphs;
    const struct caller *caller;
    const char *trace;   // traceparent
    int64_t deadline_ms; // of the loop's clock
    struct arena *arena; // the run's
    void (*done)(void *arg);
    // Takes the token that a socket is to go on with, and answers later; NULL: there is no socket.
    void (*renew)(void *arg, struct question *question, const struct gql_ask *ask);
    void *arg;
    uint64_t tab; // presence_tab of the page of a socket; 0: none
    // Its own:
    struct caller nobody; // whom PUBLIC methods are asked for
    struct gql_run *run;
    size_t held; // memory that was counted
};

// NULL with the refusal. The rest has been filled.
struct gql_run *asker_begin(struct asker *asker, const struct gql_request *request,
                            struct gql_refusal *refusal);
void asker_finish(struct asker *asker); // ends the run; fine when it has none

#endif
