// A mutation that asks to go on under another token: whom that speaks for, and the answer. The loop's thread.
#ifndef GATEWAY_GRAPH_RENEWAL_H
#define GATEWAY_GRAPH_RENEWAL_H

#include "services/gateway/access/caller.h"
#include "services/gateway/graph/graphs.h"
#include "services/gateway/graphql/run/run.h"

struct renewal;

// The renewal is over. caller NULL: the token is refused. An err that is filled is the answer.
typedef void renewed(void *arg, const struct caller *caller, struct err *err);

struct renewal *renewal_begin(struct graphs *graphs, struct question *question, const struct gql_ask *ask,
                              renewed *done, void *arg);
// The socket is gone: the mutation goes on without. done is not called. NULL is fine.
void renewal_give_up(struct renewal *renewal);

#endif
