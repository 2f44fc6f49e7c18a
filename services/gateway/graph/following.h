// A subscription of GraphQL: what its stream tells a viewer, as it selects it. The loop's thread.
#ifndef GATEWAY_GRAPH_FOLLOWING_H
#define GATEWAY_GRAPH_FOLLOWING_H

#include "services/gateway/graph/share.h"
#include "services/gateway/graph/running.h"

struct following_owner {
    // One answer, borrowed; the cursor of who has it, or "".
    void (*next)(void *arg, struct shared *answer, const char *cursor);
    void (*ready)(void *arg);                                // it is busy no more
    void (*over)(void *arg, const char *errors, size_t len); // the stream is no more: a list of errors
};

struct following {
    struct graphs *graphs;
    const struct following_owner *owner;
    void *arg;
    const struct feed_viewer *viewer;
    struct shape *shape;
    struct share *share;      // of its memory
    struct feed_sub *sub;     // whose arg is this; NULL: it is over
    struct running *telling;  // asks for what was told last; NULL: nothing is asked
    char cursor[CURSOR_TEXT]; // of that
};

// What the run of the request, which is a subscription, says. after: in place of its own; NULL: that. After a
// refusal it is as if it had never been. The owner is not called within.
MUST_CHECK bool following_open(struct following *following, struct graphs *graphs, struct gql_run *run,
                               const struct gql_request *request, struct feed_viewer *viewer,
                               const char *after, struct err *err);
// While it is busy nothing more may be delivered but an error.
bool following_is_busy(const struct following *following);
void following_deliver(const struct feed_message *message); // to that of its sub
void following_lose(struct following *following);           // its viewer has left, and so its sub is gone
void following_close(struct following *following);          // fine when it was never opened

#endif
