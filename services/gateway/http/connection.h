// What the http files share: a connection with its exchange, the server it belongs to, and the front, which
// all servers share. Connections and servers belong to their loop's thread; any thread may use the front.
#ifndef GATEWAY_HTTP_CONNECTION_H
#define GATEWAY_HTTP_CONNECTION_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "lib/base/buf.h"
#include "services/gateway/address/address.h"
#include "services/gateway/http/http.h"
#include "services/gateway/http/kept.h"
#include "services/gateway/http/linger.h"
#include "services/gateway/http/listen.h"
#include "services/gateway/http/places.h"
#include "services/gateway/http/progress.h"
#include "services/gateway/http/tls.h"
#include "services/gateway/http/tls_stream.h"
#include "services/gateway/http/connection_limit.h"

enum {
    HTTP_MAX_TARGET = 8192,
    // Part of a connection's memory, beside the headers themselves: the library's notes of each header, query
    // parameter and cookie, and the head of the reply.
    HTTP_ENTRIES_BYTES = 4096,
    HTTP_REPLY_BYTES = 2048,
};

enum stage {
    STAGE_IDLE,      // waiting for a request line
    STAGE_HEADERS,   // reading headers
    STAGE_BODY,      // reading the body
    STAGE_BEGIN,     // inside begin
    STAGE_COMPLETE,  // inside complete
    STAGE_WAITING,   // the application has it, and is expected to answer soon
    STAGE_SUSPENDED, // the application has it
    STAGE_ANSWERED,  // its answer goes out
    STAGE_UPGRADED,  // its connection has left HTTP
    STAGE_TAKEN,     // its connection leaves the library
    STAGE_REFUSED,   // cannot be taken: its answer bypasses the library
};

enum cut_why { CUT_STALLED, CUT_LEFT, CUT_EVICTED, CUT_WHYS };

struct connection {
    struct http_exchange exchange;
    struct http_server *server;
    struct MHD_Connection *mhd;
    struct connection *next, **link; // all connections
    enum stage stage;
    int fd;
    struct address peer, household; // of the socket; of the exchange's client
    int64_t deadline_ms;
    int64_t waiting_ms; // since when it waits
    struct buf target, body;
    const char *raw_target;        // in the library's memory, to find a NUL in it
    struct MHD_Response *response; // prepared, not yet queued
    struct kept *kept;             // its owner, or that of the queued response; NULL: none
    struct http_socket *socket;    // what the connection becomes with its answer
    bool is_1_1;
    bool streams; // its body goes on to who takes it over
    size_t response_len;
    int status;
    struct progress progress;
    bool entered; // counted by the connection_limit
    struct place place;
    bool begun;      // the application knows of the exchange
    bool cut;        // it is about to end
    size_t reserved; // of the body allowance
    struct reply_charge charge;
    struct loop_source watch; // for its client's leaving; fd -1: not watched
    int64_t left_ms;          // when its client ended the sending side; 0: it has not
    bool parked;
};

struct http_socket {
    struct http_server *server;
    const struct http_socket_owner *owner;
    void *arg;
    struct http_socket *next, **link; // all of the server
    int fd;
    char *head; // of an answer without end, until the connection is taken; owned. NULL: none is sent
    size_t head_len;
    struct connection *connection; // while it is being taken
    struct tls_stream tls;
    struct address peer; // counted in the connection's place
    struct place place;
    bool entered;
};

struct http_front {
    struct http_options options;
    size_t started; // servers; before the loops run
    char address[LISTEN_ADDRESS_SIZE];
    struct connection_limit *connection_limit;
    struct tls_store tls;
    atomic_size_t bodies_bytes;
    struct metric *cuts[CUT_WHYS], *certificate_end; // the latter with TLS
};

struct http_server {
    struct http_front *front;
    struct http_application application;
    struct loop *loop;
    struct MHD_Daemon *daemon;
    struct loop_source source;
    struct loop_timer sweep;
    struct lingers lingers;
    struct places *places;
    struct kept_answers kept;
    struct connection *connections;
    struct http_socket *sockets;
    struct http_socket *taking; // whose connections leave the library in the next run
    int dead_fd;                // -1 until one is needed
    size_t count;               // with sockets, which have no connection
    size_t waiting;             // connections in STAGE_WAITING
    struct loop_timer waited;   // set while there are any
    bool due;                   // the library has something to do
    bool moved;                 // its last run advanced a request
    bool quiesced;
    int64_t quiesced_ms;
    int listen_fd;
};

// ---- connection.c

// The library's callbacks; arg is the server. They ask whether a connection may come in, and report its begin
// and end.
enum MHD_Result connection_admit(void *arg, const struct sockaddr *address, socklen_t len);
void connection_notify(void *arg, struct MHD_Connection *mhd, void **context,
                       enum MHD_ConnectionNotificationCode code);
struct connection *connection_of(struct MHD_Connection *mhd); // NULL when there was no memory for it
int64_t connection_now_ms(const struct connection *connection);
// Sets the client that the exchange is for.
void connection_name_client(struct connection *connection, const struct address *client);
void connection_unwatch(struct connection *connection);
// Whether the application has the exchange and has not answered.
bool connection_is_out(const struct connection *connection);
// Leaves it to the application: it waits, and is suspended when the answer takes longer. The library reports
// a waiting connection at each of its runs. That costs less than suspending, which takes the connection out
// of the kernel's set and puts it back.
void connection_wait(struct connection *connection);
void connection_end_wait(struct connection *connection); // when it waits
// Ends the connection at once, by a reset: the kernel keeps nothing of it.
void connection_cut(struct connection *connection, enum cut_why why);
// The socket is counted in the connection's place until it leaves; it never gives way.
void connection_hand_over(struct connection *connection, struct http_socket *socket);
void connection_leave_by(struct http_socket *socket);
// Ends overdue and stalled connections, and idle ones while the server quiesces.
void connection_sweep(struct http_server *server);

// ---- front.c

// The listening socket of the next server.
MUST_CHECK bool front_listen(struct http_front *front, int *fd, struct err *err);
// GnuTLS asks here for the certificate of a handshake.
int front_certificate(gnutls_session_t session, const gnutls_datum_t *names, int names_count,
                      const gnutls_pk_algorithm_t *algorithms, int algorithms_count, gnutls_pcert_st **chain,
                      unsigned *length, gnutls_privkey_t *key);

// ---- framing.c

// Takes in the headers; sets the exchange's fault when the request is not to be believed.
void framing_take(struct connection *connection, const char *method, const char *version);

// ---- request.c: the library's callbacks; arg is the server.

// The exchange is over.
void request_end(struct connection *connection, bool sent);
// Forgets the previous request.
void request_renew(struct connection *connection);
void *request_target(void *arg, const char *target, struct MHD_Connection *mhd);
size_t request_unescape(void *arg, struct MHD_Connection *mhd, char *text);
enum MHD_Result request_take(void *arg, struct MHD_Connection *mhd, const char *url, const char *method,
                             const char *version, const char *bytes, size_t *len, void **context);
void request_completed(void *arg, struct MHD_Connection *mhd, void **context,
                       enum MHD_RequestTerminationCode code);

// ---- refusal.c

// The library cannot read a request: an mhd_refuser, whose arg is the server.
void refusal_take(void *arg, struct MHD_Connection *mhd, unsigned status);
// Handles an exchange with a fault from begin to end; the connection must be closed then.
void refusal_pass_on(struct connection *connection);
void refusal_send(struct connection *connection, const struct http_answer *answer);

// ---- answer.c

// Whether nobody has answered yet, and the answer goes through the library.
bool answer_is_due(const struct connection *connection);
void answer_head(struct MHD_Response *response, const struct http_answer *answer);
struct MHD_Response *answer_response(const struct http_answer *answer); // with body and head
// Takes the response as the answer, which counts as `answer` says.
void answer_give(struct connection *connection, struct MHD_Response *response,
                 const struct http_answer *answer);
// Gives the prepared answer to the library.
bool answer_queue(struct connection *connection);
void answer_drop(struct connection *connection); // the exchange is over

// ---- upgrade.c

void upgrade_finish(struct connection *connection);    // the exchange is over; nothing without a socket
bool upgrade_keep(struct http_socket *socket, int fd); // a duplicate of the library's; false: errno says why
void upgrade_list(struct http_server *server, struct http_socket *socket); // with those that a drain ends
void upgrade_drain(struct http_server *server, bool at_once);

// ---- takeover.c

void takeover_run(struct http_server *server); // before the library runs, never within it

#endif
