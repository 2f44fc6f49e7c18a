// Viewers by server-sent events: each message has the name of its kind, its JSON, and the id by which the
// client comes back. The loop's thread.
#ifndef GATEWAY_FEED_SSE_H
#define GATEWAY_FEED_SSE_H

#include "services/gateway/feed/ids.h"
#include "services/gateway/feed/line.h"

struct sse_request {
    struct line_request line;
    const char *const *topics; // checked
    size_t count;
    uint64_t tab;          // presence_tab of the page
    const struct ids *ids; // where the client is; its secret goes with each id
};

// Answers with a stream. False: the exchange must still be answered, with the reason.
MUST_CHECK bool sse_open(const struct sse_request *request, struct err *err);

#endif
