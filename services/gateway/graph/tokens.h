// Whom a token speaks for. Its key may have to be fetched first; the answer never comes within the question.
// The loop's thread.
#ifndef GATEWAY_GRAPH_TOKENS_H
#define GATEWAY_GRAPH_TOKENS_H

#include "services/gateway/access/caller.h"
#include "services/gateway/graph/graphs.h"

struct token_check {
    // err NULL: the caller, without addresses. The check is over.
    void (*done)(void *arg, const struct caller *caller, const struct err *err);
    void *arg;
    // Its own:
    struct graphs *graphs;
    char *authorization; // NULL: nothing is checked
    int64_t wanted_ms;   // when its key was not here; 0: not yet
    struct token_check *next, **link;
};

void tokens_check(struct graphs *graphs, struct token_check *check, const char *authorization);
void tokens_forget(struct token_check *check); // done is not called any more; fine when nothing is checked

void tokens_turn(struct graphs *graphs);
void tokens_keys_arrived(struct graphs *graphs, const struct err *failure);

#endif
