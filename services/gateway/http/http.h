// HTTP/1.1 on libmicrohttpd: a front, which has the address, and a server in every loop, on its thread.
// Requests reach the application twice: when their headers are complete, and when their body is; the answer
// may come at once or later. Only http*.c know the library beneath.
#ifndef GATEWAY_HTTP_HTTP_H
#define GATEWAY_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/base/metrics.h"
#include "lib/base/shared.h"
#include "lib/net/loop.h"
#include "lib/net/pieces.h"
#include "services/gateway/address/proxies.h"
#include "services/gateway/http/reply_budget.h"

enum { HTTP_MAX_FIELDS = 24, HTTP_SOCKET_READ = 16384 };

struct http_front;
struct http_server;

struct http_joined;

// Headers that the gateway knows; NULL when absent. Texts live until the exchange ends. A list that came in
// several lines is joined into one.
struct http_headers {
    const char *accept, *accept_encoding, *authorization, *content_encoding, *content_type, *expect, *host,
        *conse_proof, *conse_session, *cookie, *idempotency_key, *if_match, *if_none_match,
        *if_unmodified_since, *last_event_id, *origin, *preflight_method, *proxy_authorization, *signature,
        *signature_timestamp, *traceparent, *user_agent;
    const char *content_length, *transfer_encoding;
    const char *connection, *upgrade, *websocket_key, *websocket_protocol, *websocket_version;
    struct forwarded forwarded_for;
    const char *forwarded_proto;
    bool ambiguous; // a header that may come once came twice
    struct http_joined *joined;
};

void http_headers_take(struct http_headers *headers, const char *name, const char *value);
void http_headers_finish(struct http_headers *headers);
// By its name in lower case: its place among those above; NULL when the gateway does not know it.
const char *const *http_headers_find(const struct http_headers *headers, const char *name);

struct http_exchange {
    void *context;      // the application's
    const char *method; // "GET"
    const char *target; // as received: path and query
    struct http_headers headers;
    // Numeric addresses: the peer's, or that of the client a trusted proxy names; and the unit that limits
    // per address count.
    char client[ADDRESS_SIZE], household[ADDRESS_SIZE];
    const char *fault;      // NULL, or why the request cannot be taken; it is answered before anything else
    int fault_status;       // 400, 413, 414, 431 or 505 when there is a fault
    bool by_proxy;          // a trusted one sent it, so what it says of the client is believed
    int64_t content_length; // 0 without a body
    int64_t begun_ms;       // monotonic
    const char *body;       // whole once `complete` is called
    size_t body_len;
};

struct http_field {
    const char *name, *value;
};

enum http_ownership {
    HTTP_COPY,   // the body is copied before http_answer returns
    HTTP_STATIC, // it lives as long as the server
    HTTP_SHARED, // it lies in `shared`, which is held until the answer has gone out
};

struct http_answer {
    int status;
    enum http_ownership ownership;
    const char *body; // may be NULL; with a len, that of 304, which gives the length that the body would have
    size_t len;
    struct shared *shared; // borrowed by the call
    size_t charge;         // what it counts for the household, see reply_budget.h
    struct http_field fields[HTTP_MAX_FIELDS];
    size_t count;
    bool close; // the connection ends with it
};

// The name is a constant; the value lives until the answer is given.
void http_answer_add(struct http_answer *answer, const char *name, const char *value);
void http_answer_share(struct http_answer *answer, struct shared *shared); // makes it the body

struct http_application {
    void *arg;
    // The headers are complete. The application may answer now, which drops the body, or reserve the body's
    // size and wait for it.
    void (*begin)(void *arg, struct http_exchange *exchange);
    // The body is complete. The application answers now, or later from the loop's thread.
    void (*complete)(void *arg, struct http_exchange *exchange);
    // The exchange is over; sent says whether the whole answer went out. Status 0: never answered.
    void (*end)(void *arg, struct http_exchange *exchange, int status, bool sent);
    // The deadline passed while the application has the exchange: it must answer within this call.
    void (*expire)(void *arg, struct http_exchange *exchange);
    // The client went away while the application has the exchange. A parked exchange is reported at once,
    // another after a while, because a client may end its sending side and still read. The application
    // answers within this call, to nobody, or goes on.
    void (*leave)(void *arg, struct http_exchange *exchange);
};

struct http_options {
    const char *listen;                        // "127.0.0.1:7438", "[::]:0"
    size_t servers;                            // that share the address
    uint32_t max_connections, max_per_address; // of all servers together, like all bounds
    size_t max_header_bytes;
    int64_t header_timeout_ms;      // from the connection's begin to its first headers
    int64_t idle_timeout_ms;        // between requests
    int64_t request_timeout_ms;     // headers to the answer; then, extended by its size, to its end
    int64_t stall_timeout_ms;       // a client takes nothing of its answer
    size_t max_bodies_bytes;        // of all connections together
    struct reply_budget *replies;   // lives as long as the front
    const char *tls_cert, *tls_key; // PEM files; both or none
    struct metrics *metrics;
    struct proxies proxies; // trusted; they may have any number of connections
};

// What all servers have in common: the address, the certificate, the bounds on connections and bodies. Its
// texts are borrowed. Any thread.
MUST_CHECK bool http_front_open(struct http_front **front, const struct http_options *options,
                                struct err *err);
void http_front_close(struct http_front *front); // after its servers; NULL is fine
// "127.0.0.1:7438", with the real port once a server has started.
const char *http_front_address(const struct http_front *front);
bool http_front_tls(struct http_front *front);
// Reads certificate and key again; the old ones stay when it fails.
MUST_CHECK bool http_front_reload(struct http_front *front, struct err *err);

// Before the loops run, one server after the other.
MUST_CHECK bool http_server_start(struct http_server **server, struct http_front *front, struct loop *loop,
                                  const struct http_application *application, struct err *err);
// Once per turn of the loop, after the application sent its answers.
void http_server_run(struct http_server *server);
// Takes no new connections; answers close theirs; idle connections are closed.
void http_server_quiesce(struct http_server *server);
size_t http_server_connections(const struct http_server *server);
// Every exchange must have been answered. NULL is fine.
void http_server_stop(struct http_server *server);

// From `begin`: takes the body's size from the front's allowance; false when there is no room.
bool http_reserve_body(struct http_exchange *exchange);
// From `begin`, instead: the body goes on to who takes the connection over. `complete` is called with the
// first of it, or without one at once, and must take over.
void http_stream_body(struct http_exchange *exchange);
int64_t http_left_ms(const struct http_exchange *exchange); // to its deadline
bool http_is_1_1(const struct http_exchange *exchange);
// All headers, as they came and in their order; until the exchange is answered.
void http_each_header(const struct http_exchange *exchange,
                      void (*each)(void *arg, const char *name, const char *value), void *arg);
// Whether an answer with this charge has room.
enum reply_room http_reply_room(const struct http_exchange *exchange, size_t charge);
void http_answer(struct http_exchange *exchange, const struct http_answer *answer);

// ---- Connections that leave HTTP

struct http_socket;

struct http_socket_owner {
    const char *protocol; // as Upgrade names it: "websocket"
    // The head has gone out. The owner has the connection, which is still counted: fd, which does not block,
    // is for watching, and closed only by http_socket_close. early: what the client has sent already,
    // borrowed.
    void (*taken)(void *arg, struct http_socket *socket, int fd, const char *early, size_t len);
    void (*lost)(void *arg); // in place of `taken`: the client went away before
    // The server takes no more connections: the owner closes this one soon; at_once: within the call.
    void (*drain)(void *arg, bool at_once);
};

// In place of http_answer, from `complete` on; the exchange ends with the 101. head has its fields; owner
// lives until the socket is closed, or lost. False: the request does not ask for it, or the server stops; the
// request must still be answered.
MUST_CHECK bool http_upgrade(struct http_exchange *exchange, const struct http_answer *head,
                             const struct http_socket_owner *owner, void *arg, struct err *err);
// The same for an answer with status 200 that has no end, by any request; with head NULL for any answer,
// which the owner sends whole, and then the application's `end` is told of status 0. `taken` gets what has
// come of a body that is streamed. False: the server stops, or the exchange has been answered.
MUST_CHECK bool http_take_over(struct http_exchange *exchange, const struct http_answer *head,
                               const struct http_socket_owner *owner, void *arg);
// As pieces_send and recv, through the connection's TLS if it has one. Nothing is received while pieces are
// blocked; there is room for HTTP_SOCKET_READ bytes at least.
enum pieces_sent http_socket_send(struct http_socket *socket, struct pieces *pieces);
ssize_t http_socket_receive(struct http_socket *socket, void *bytes, size_t size);
void http_socket_end(struct http_socket *socket);   // nothing more is sent, and the client is told
void http_socket_close(struct http_socket *socket); // its fd must not be watched any more

// Extends the exchange's deadline, and calls `leave` as soon as the client goes away meanwhile.
void http_park(struct http_exchange *exchange, int64_t until_ms);

#endif
