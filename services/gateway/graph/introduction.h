// Whom a WebSocket speaks for: its first message has a token, or the request had one, or a ticket; else it is
// nobody in particular. The loop's thread.
#ifndef GATEWAY_GRAPH_INTRODUCTION_H
#define GATEWAY_GRAPH_INTRODUCTION_H

#include "services/gateway/access/caller.h"
#include "services/gateway/graph/graphs.h"

struct introduction;

// caller NULL: refused, as err says.
typedef void introduced(void *arg, const struct caller *caller, struct err *err);

// The caller, as the request has it, and the ticket are copied.
struct introduction *introduction_begin(struct graphs *graphs, const struct caller *caller,
                                        const char *ticket, introduced *done, void *arg);
// token: "Bearer <token>"; NULL: none. done follows, perhaps within the call.
void introduction_go_on(struct introduction *introduction, const char *token);
void introduction_end(struct introduction *introduction); // done is not called any more; NULL is fine

#endif
