// An operation that is run with memory of its own, for an owner that may go away meanwhile: a read is given
// up then, a write goes on to its end. The loop's thread.
#ifndef GATEWAY_GRAPH_RUNNING_H
#define GATEWAY_GRAPH_RUNNING_H

#include "services/gateway/graph/asker.h"
#include "services/gateway/graph/bodies.h"

struct running_owner {
    void (*done)(void *arg); // it can be written; perhaps within running_start
    // See asker.h; NULL: there is no socket.
    void (*renew)(void *arg, struct question *question, const struct gql_ask *ask);
};

struct running {
    struct graphs *graphs;
    const struct running_owner *owner; // NULL: it went away
    void *arg;
    struct trace trace;
    int64_t begun_ms; // monotonic
    struct gql_request request;
    struct asker asker;
    struct caller caller;
    char address[ADDRESS_SIZE], household[ADDRESS_SIZE];
    json_t *message; // held for the request's texts
    struct arena arena;
    struct gql_tell tell;
    uint64_t tab; // presence_tab of the page of a socket; 0: none
    bool started, over;
    bool failed; // there was no memory for what is told
};

// The caller is copied.
struct running *running_create(struct graphs *graphs, const struct caller *caller,
                               const struct running_owner *owner, void *arg);
// Takes what a client sent, at its own expense. False: `errors` says why, a list.
MUST_CHECK bool running_read(struct running *running, const json_t *message, struct buf *errors);
void running_start(struct running *running); // what was read
// Asks for what the shape selects of the message.
void running_tell(struct running *running, const struct shape *shape, const struct feed_message *message);
void running_write(struct running *running, struct buf *out); // a whole answer
void running_leave(struct running *running); // the owner is not called any more. NULL is fine

#endif
