// What the http files share: a connection with its exchange, and the server it belongs to. All of it is the
// loop's thread's; only http*.c know the library's types.
#ifndef GATEWAY_HTTP_CONNECTION_H
#define GATEWAY_HTTP_CONNECTION_H

#include <microhttpd.h>

#include "lib/buf.h"
#include "services/gateway/http.h"
#include "services/gateway/linger.h"
#include "services/gateway/listen.h"
#include "services/gateway/tls.h"

enum { HTTP_MAX_TARGET = 8192 };

enum stage {
    STAGE_IDLE,      // waiting for a request line
    STAGE_HEADERS,   // reading headers
    STAGE_BODY,      // reading the body
    STAGE_BEGIN,     // inside begin
    STAGE_COMPLETE,  // inside complete
    STAGE_SUSPENDED, // the application has it
    STAGE_ANSWERED,
};

struct connection {
    struct http_exchange exchange;
    struct http_server *server;
    struct MHD_Connection *mhd;
    struct connection *next, **link; // all connections
    enum stage stage;
    int fd;
    int64_t deadline_ms;
    struct buf target, body;
    const char *raw_target; // in the library's memory, to find a NUL in it
    struct MHD_Response *response;
    int status;
    bool begun;               // the application knows of the exchange
    size_t reserved;          // of the body allowance
    struct loop_source watch; // fd -1: not parked
};

struct http_server {
    struct http_options options;
    struct loop *loop;
    struct MHD_Daemon *daemon;
    struct loop_source source;
    struct loop_timer sweep;
    struct lingers lingers;
    struct connection *connections;
    size_t count, bodies_bytes;
    bool due; // the library has something to do
    bool quiesced;
    int64_t quiesced_ms;
    int listen_fd;
    char address[LISTEN_ADDRESS_SIZE];
    struct tls_store tls;
};

// ---- http_connection.c

// The library's notice of a connection that began or ended; arg is the server.
void connection_notify(void *arg, struct MHD_Connection *mhd, void **context,
                       enum MHD_ConnectionNotificationCode code);
struct connection *connection_of(struct MHD_Connection *mhd); // NULL when there was no memory for it
int64_t connection_now_ms(const struct connection *connection);
void connection_unpark(struct connection *connection);
// Ends what is overdue, and idle connections while the server quiesces.
void connection_sweep(struct http_server *server);

// ---- http_request.c: the library's callbacks; arg is the server.

void *request_target(void *arg, const char *target, struct MHD_Connection *mhd);
size_t request_unescape(void *arg, struct MHD_Connection *mhd, char *text);
enum MHD_Result request_take(void *arg, struct MHD_Connection *mhd, const char *url, const char *method,
                             const char *version, const char *bytes, size_t *len, void **context);
void request_completed(void *arg, struct MHD_Connection *mhd, void **context,
                       enum MHD_RequestTerminationCode code);

// ---- http_answer.c

// Gives the prepared answer to the library.
bool answer_queue(struct connection *connection);
void answer_drop(struct connection *connection); // one that was prepared and never queued

#endif
