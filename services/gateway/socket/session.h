// The protocol graphql-transport-ws for one connection: a message or an event comes in, and out come at most
// one message and one thing to do. The feed keeps the time of tokens and ends sessions (feed_transport); here
// is what that means on a socket. No I/O, no clock; one thread.
#ifndef GATEWAY_SOCKET_SESSION_H
#define GATEWAY_SOCKET_SESSION_H

#include <jansson.h>

#include "lib/base/buf.h"
#include "services/gateway/access/caller.h"
#include "services/gateway/feed/feed.h"

enum {
    SESSION_INIT_MS = 5000,
    SESSION_CHECK_MS = 10000, // from there to what its token is worth
    SESSION_OPERATIONS = 32,  // at once
    SESSION_RATE = 32,        // messages a second, and
    SESSION_BURST = 64,       // at once
    SESSION_ID_MOST = 128,
    SESSION_REASON = 124,
};

enum session_code { // of a close; a client of graphql-ws comes again after 1012, 1013, 4403 and 4408
    SESSION_TOO_BIG = 1009,
    SESSION_RESTART = 1012,
    SESSION_LATER = 1013,
    SESSION_BAD_MESSAGE = 4400,
    SESSION_UNAUTHORIZED = 4401,
    SESSION_FORBIDDEN = 4403,
    SESSION_BAD_PROTOCOL = 4406,
    SESSION_INIT_TIMEOUT = 4408,
    SESSION_ID_TAKEN = 4409,
    SESSION_INIT_TWICE = 4429,
};

enum session_state {
    SESSION_NEW,
    SESSION_CHECKING, // whom its token speaks for
    SESSION_READY,
    SESSION_OVER, // whatever comes is ignored
};

struct session_op { // an operation, from its START until it is told to be over, or STOP
    struct session_op *next;
    void *arg; // its owner's
    char id[];
};

struct session {
    enum session_state state;
    bool read_only; // the caller's, once READY, and
    uint32_t level;
    char user_id[UUID_LEN + 1]; // "": nobody's
    int64_t init_by_ms;
    int64_t full_us; // when as many messages as may have come
    struct session_op *ops;
    size_t ops_count;
};

enum session_do {
    SESSION_NOTHING,
    SESSION_INIT,  // check the token: session_admit or session_refuse follows
    SESSION_START, // run the operation
    SESSION_STOP,  // give it up; it is forgotten here
    SESSION_CLOSE, // behind what there is to send
};

// What is to be done. session_step_finish gives back what it has.
struct session_step {
    enum session_do what;
    json_t *message;       // INIT, START: in which the rest lies
    const char *token;     // INIT: "Bearer <token>"; NULL: nobody's
    struct session_op *op; // START
    const json_t *payload; // START: query, documentId, operationName and so on, of the right types
    void *arg;             // STOP: the operation's
    uint16_t code;         // CLOSE
    char reason[SESSION_REASON];
};

// spoken: the handshake chose the protocol. Times are monotonic.
struct session_step session_begin(struct session *session, bool spoken, int64_t now_ms);
void session_finish(struct session *session); // forgets its operations
void session_step_finish(struct session_step *step);
size_t session_limit(const struct session *session); // bytes of the next message

// A message of the client. Like everywhere below, out gets whole messages, at most one.
struct session_step session_take(struct session *session, const char *text, size_t len, int64_t now_ms,
                                 struct buf *out);
struct session_step session_due(struct session *session, int64_t now_ms); // at init_by_ms, or later
// claims NULL: nobody in particular.
void session_admit(struct session *session, const struct token_claims *claims, struct buf *out);
// trace_id: by which the log has a fault of ours.
struct session_step session_refuse(struct session *session, const struct err *err, const char *trace_id);
// Another token: the same user's, with no fewer rights, or it closes.
struct session_step session_renew(struct session *session, const struct token_claims *claims);
void session_remind(const struct session *session, int64_t expires_s, struct buf *out);
struct session_step session_end(struct session *session, enum feed_end why, int64_t retry_ms,
                                struct buf *out);

// cursors: JSON, where each operation is that follows something. time_ms: unix.
void session_beat(const struct session *session, int64_t time_ms, const char *cursors, struct buf *out);

// payload: JSON, a whole answer.
void session_next(const struct session_op *op, const char *payload, size_t len, struct buf *out);
// The same in parts: this, the payload, and the end.
void session_next_begin(const struct session_op *op, struct buf *out);
#define SESSION_NEXT_END "}"
void session_complete(struct session *session, struct session_op *op, struct buf *out);
// errors: JSON, a list. Both forget the operation.
void session_error(struct session *session, struct session_op *op, const char *errors, size_t len,
                   struct buf *out);

#endif
