// A WebSocket of GraphQL: its operations, its viewer of streams, and whom it speaks for. The loop's thread.
#ifndef GATEWAY_GRAPH_TALK_H
#define GATEWAY_GRAPH_TALK_H

#include "services/gateway/graph/graphs.h"
#include "services/gateway/socket/socket.h"

struct talk_request {
    struct graphs *graphs;
    struct http_exchange *http;
    struct http_answer head; // fields of the 101
    const struct handshake *handshake;
    const struct caller *caller; // known: by a token of the request's
    const char *ticket;          // "": none
    uint64_t tab;                // presence_tab of the page
};

// In place of http_answer. False: the exchange must still be answered, with the reason.
MUST_CHECK bool talk_open(const struct talk_request *request, struct err *err);

#endif
