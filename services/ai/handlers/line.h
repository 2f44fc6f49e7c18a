// Asking events in the caller's name, as the gateway would: so events alone decides what is theirs to know.
#ifndef AI_HANDLERS_LINE_H
#define AI_HANDLERS_LINE_H

#include "lib/rpc/client.h"
#include "lib/rpc/server.h"

struct line {
    struct rpc_client *client;
    const Rpc__Caller *reader;
    int64_t until_ms; // monotonic
};

// For all questions of one call together. Close it unless that fails.
MUST_CHECK bool line_open(struct line *line, const struct rpc_call *call, int64_t patience_ms,
                          struct err *err);
// DEADLINE_PASSED when no time is left; else as rpc_client_ask.
MUST_CHECK bool line_ask(const struct line *line, const char *method, const ProtobufCMessage *request,
                         struct arena *arena, ProtobufCMessage **reply, struct err *err);
void line_close(struct line *line);

#endif
