// A client's side of a sealed connection. It begins with a greeting, a message without frames, whose answer
// gives the connection its id; each reply names the request that it answers. Without keys there is no
// greeting and nothing is sealed. The client's thread.
#ifndef LIB_RPC_SESSION_H
#define LIB_RPC_SESSION_H

#include "lib/rpc/seal.h"

struct rpc_seals { // of one service; its links share them
    struct seal requests, replies;
    char service[32];
};

void rpc_seals_init(struct rpc_seals *seals, struct bus_keys *keys, const char *service);
void rpc_seals_finish(struct rpc_seals *seals);

struct rpc_session {
    struct rpc_seals *seals;
    struct seal_head head; // of the last message
    uint64_t greeting;     // counter of the greeting whose answer is awaited; 0: none
    bool begun;            // requests may be sealed
};

void rpc_session_init(struct rpc_session *session, struct rpc_seals *seals);
void rpc_session_end(struct rpc_session *session); // with its connection; the next one begins anew
// The message that begins it; NULL: none is needed now.
nng_msg *rpc_session_greet(struct rpc_session *session, int64_t now_ms);
// Seals a request; the counter is for its reply. False without memory.
MUST_CHECK bool rpc_session_close(struct rpc_session *session, nng_msg *message, int64_t now_ms,
                                  uint64_t *counter);
// Opens the reply to the request with this counter. An answered greeting begins the session; its message is
// empty then.
MUST_CHECK enum seal_fault rpc_session_open(struct rpc_session *session, nng_msg *message, int64_t now_ms,
                                            uint64_t counter);

#endif
