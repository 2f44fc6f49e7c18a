// One WebSocket of graphql-transport-ws: the connection that left HTTP, its frames, its session and their
// deadlines. What operations are, and whom a token speaks for, is the owner's. The loop's thread.
#ifndef GATEWAY_SOCKET_SOCKET_H
#define GATEWAY_SOCKET_SOCKET_H

#include "lib/net/loop.h"
#include "services/gateway/http/http.h"
#include "services/gateway/socket/handshake.h"
#include "services/gateway/socket/session.h"

struct socket;

struct socket_owner {
    // A token is to be checked, or NULL: nobody's. socket_admit or socket_refuse, now or later.
    void (*init)(void *arg, const char *token);
    // Runs an operation, which may say what it has to say at once. payload: borrowed.
    void (*start)(void *arg, struct session_op *op, const json_t *payload);
    void (*stop)(void *arg, void *op_arg); // gives it up
    void (*writable)(void *arg);           // it has room again
    void (*slow)(void *arg);               // it closes, because the client takes too little
    void (*silent)(void *arg);             // the client answers no ping: socket_end follows, within the call
    // The socket is no more, nor are its operations. Never within a call of the owner's, but the last drain.
    void (*over)(void *arg);
};

struct socket_times { // ms
    int64_t init;     // to the client's init,
    int64_t check;    // and from there to what its token is worth
    int64_t frame;    // from a message's begin to its end
    int64_t stall;    // that the client may take nothing when more waits than may
    int64_t pong;     // from a ping until something comes of the client
    int64_t close;    // that the client has to close when we have
};

extern const struct socket_times socket_times;

struct socket_request {
    struct loop *loop;
    struct http_exchange *http;
    struct http_answer head; // to which the handshake's fields are added
    const struct handshake *handshake;
    const struct socket_times *times;
    const struct socket_owner *owner; // lives until `over`
    void *arg;
};

// In place of http_answer. NULL: the request must still be answered; see http_upgrade.
struct socket *socket_open(struct socket_request *request, struct err *err);

// What the session is told; a socket that closes ignores it. See session.h.
void socket_admit(struct socket *socket, const struct token_claims *claims);
void socket_refuse(struct socket *socket, const struct err *err, const char *trace_id);
bool socket_renew(struct socket *socket, const struct token_claims *claims); // false: it closes
void socket_remind(struct socket *socket, int64_t expires_s);
void socket_end(struct socket *socket, enum feed_end why, int64_t retry_ms);
// A sign of life; see session.h. Clients answer it: one that says nothing is away, though its connection may
// not know.
void socket_beat(struct socket *socket, int64_t time_ms, const char *cursors);
void socket_next(struct socket *socket, const struct session_op *op, const char *payload, size_t len);
void socket_complete(struct socket *socket, struct session_op *op);
void socket_error(struct socket *socket, struct session_op *op, const char *errors, size_t len);

// The same as socket_next by reference, without sending it yet: what a turn has for a client goes out at
// once.
void socket_share(struct socket *socket, const struct session_op *op, struct shared *payload);
void socket_flush(struct socket *socket);
bool socket_has_room(const struct socket *socket); // takes more now; when not, `writable` follows, or its end
size_t socket_waiting(const struct socket *socket); // bytes that have not gone out

#endif
