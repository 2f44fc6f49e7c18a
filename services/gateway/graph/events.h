// A subscription of GraphQL by server-sent events, as npm's graphql-sse has them: `next` for each answer,
// `complete` at the end of the stream. When the connection ends without, the client comes again. The loop's
// thread.
#ifndef GATEWAY_GRAPH_EVENTS_H
#define GATEWAY_GRAPH_EVENTS_H

#include "services/gateway/feed/line.h"
#include "services/gateway/graph/graphs.h"
#include "services/gateway/graphql/run/run.h"

struct events_request {
    struct graphs *graphs;
    struct line_request line;
    struct gql_run *run; // a subscription
    const struct gql_request *request;
    const char *after;  // the cursor that the client has, in place of what it asks for; NULL: none
    const char *secret; // of a stream by a ticket, which goes with each id; NULL, "": none
    uint64_t tab;       // presence_tab of the page
};

// In place of http_answer. False: the exchange must still be answered, with the reason.
MUST_CHECK bool events_open(const struct events_request *request, struct err *err);

// A whole answer in that form; replaces the text.
void events_wrap(struct buf *answer);

#endif
