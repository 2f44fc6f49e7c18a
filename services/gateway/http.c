// Life of a connection: on_connection -> (on_target -> on_request begin [-> body]* -> complete ->
// on_completed)* -> closed. The library suspends a connection while the application has its exchange; it
// notices neither time nor leaving clients then, so deadlines are swept here and parked exchanges watched.
#include "services/gateway/http.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "services/gateway/linger.h"
#include "services/gateway/listen.h"
#include "services/gateway/tls.h"

enum {
    SWEEP_MS = 250,
    GRACE_MS = 500, // for requests that are on their way when no more connections are taken
    ACCEPT_ROUNDS = 1000,
    RUNS_PER_TURN = 4,
    SMALL_BODY = 64 * 1024, // a refused body up to this size is read, so that the connection can stay
    MAX_TARGET = 8192,
    KEEP_BODY = 16 * 1024, // body memory that a connection keeps between requests
    POOL_HEADROOM = 4096,  // of a connection's memory, beside the headers
};

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

void http_answer_add(struct http_answer *answer, const char *name, const char *value)
{
    if (answer->count < HTTP_MAX_FIELDS) answer->fields[answer->count++] = (struct http_field){name, value};
}

// ---- Connections

static void connection_open(struct http_server *server, struct MHD_Connection *mhd, void **context)
{
    struct connection *connection = calloc(1, sizeof *connection);
    *context = connection;
    if (!connection) return;
    connection->server = server;
    connection->mhd = mhd;
    connection->watch.fd = -1;
    connection->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    listen_peer(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
                connection->exchange.peer);
    connection->deadline_ms = loop_now_ms(server->loop) + server->options.header_timeout_ms;
    buf_init(&connection->target, MAX_TARGET);
    buf_init(&connection->body, 0);
    connection->next = server->connections;
    connection->link = &server->connections;
    if (connection->next) connection->next->link = &connection->next;
    server->connections = connection;
    server->count++;
}

static void connection_close(struct connection *connection)
{
    if (!connection) return;
    *connection->link = connection->next;
    if (connection->next) connection->next->link = connection->link;
    connection->server->count--;
    buf_finish(&connection->target);
    buf_finish(&connection->body);
    free(connection);
}

static void on_connection(void *arg, struct MHD_Connection *mhd, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        connection_open(arg, mhd, context);
    else
        connection_close(*context);
}

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void unpark(struct connection *connection)
{
    if (connection->watch.fd < 0) return;
    loop_unwatch(connection->server->loop, &connection->watch);
    connection->watch.fd = -1;
}

static int64_t now_ms(const struct connection *connection) { return loop_now_ms(connection->server->loop); }

// ---- Requests

// The request line is there. Its target is kept as it came: the library's own decoding is not used.
static void *on_target(void *arg, const char *target, struct MHD_Connection *mhd)
{
    struct http_server *server = arg;
    struct connection *connection = connection_of(mhd);
    if (!connection) return NULL;
    struct http_exchange *exchange = &connection->exchange;
    connection->raw_target = target ? target : "";
    buf_reset(&connection->target);
    buf_str(&connection->target, connection->raw_target);
    connection->stage = STAGE_HEADERS;
    connection->deadline_ms = now_ms(connection) + server->options.header_timeout_ms;
    exchange->begun_ms = now_ms(connection);
    exchange->headers = (struct http_headers){0};
    exchange->fault = NULL;
    exchange->context = NULL;
    exchange->body_len = 0;
    return connection;
}

static size_t no_unescape(void *arg, struct MHD_Connection *mhd, char *text)
{
    (void)arg, (void)mhd;
    return strlen(text);
}

static enum MHD_Result on_header(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    http_headers_take(arg, name, value ? value : "");
    return MHD_YES;
}

// What makes a request ambiguous for the servers between the client and us.
static const char *framing_fault(const struct connection *connection, const char *version)
{
    const struct http_headers *h = &connection->exchange.headers;
    if (connection->target.failed) return "the target is too long";
    if (*version && (size_t)(version - connection->raw_target) != connection->target.len + 1)
        return "the target has a NUL";
    if (strcmp(version, "HTTP/1.1") == 0 && !h->host) return "Host is missing";
    if (h->transfer_encoding && h->content_length)
        return "both Content-Length and Transfer-Encoding are given";
    return h->ambiguous ? "a header that counts once is given twice" : NULL;
}

static void begin(struct connection *connection, const char *method, const char *version)
{
    struct http_server *server = connection->server;
    struct http_exchange *exchange = &connection->exchange;
    exchange->method = method;
    exchange->target = connection->target.bytes;
    MHD_get_connection_values(connection->mhd, MHD_HEADER_KIND, on_header, &exchange->headers);
    exchange->content_length = exchange->headers.content_length ? atoll(exchange->headers.content_length) : 0;
    exchange->fault = framing_fault(connection, version);
    connection->deadline_ms = exchange->begun_ms + server->options.request_timeout_ms;
    connection->begun = true;
    connection->stage = STAGE_BEGIN;
    server->options.application.begin(server->options.application.arg, exchange);
}

static bool queue(struct connection *connection)
{
    bool queued =
        MHD_queue_response(connection->mhd, (unsigned)connection->status, connection->response) == MHD_YES;
    MHD_destroy_response(connection->response);
    connection->response = NULL;
    connection->stage = STAGE_ANSWERED;
    return queued;
}

// The client may still be sending a body that nobody wants: the answer goes now and the socket lingers.
static bool queue_early(struct connection *connection)
{
    int fd = dup(connection->fd);
    if (fd >= 0) linger_take(&connection->server->lingers, fd);
    return queue(connection);
}

static bool on_headers(struct connection *connection, const char *method, const char *version)
{
    struct http_exchange *exchange = &connection->exchange;
    begin(connection, method, version);
    bool unframed = exchange->fault || exchange->headers.transfer_encoding;
    if (connection->response && (unframed || exchange->content_length > SMALL_BODY))
        return queue_early(connection);
    connection->stage = STAGE_BODY;
    buf_reset(&connection->body);
    connection->body.max = connection->response ? 0 : (size_t)exchange->content_length;
    return true;
}

static bool on_body(struct connection *connection, const char *bytes, size_t *len)
{
    if (!connection->response) buf_append(&connection->body, bytes, *len);
    *len = 0;
    return !connection->body.failed;
}

static bool on_complete(struct connection *connection)
{
    struct http_server *server = connection->server;
    struct http_exchange *exchange = &connection->exchange;
    exchange->body = connection->body.bytes;
    exchange->body_len = connection->body.len;
    if (connection->stage == STAGE_ANSWERED) return true;
    if (!connection->response) {
        connection->stage = STAGE_COMPLETE;
        server->options.application.complete(server->options.application.arg, exchange);
    }
    if (connection->response) return queue(connection);
    connection->stage = STAGE_SUSPENDED;
    MHD_suspend_connection(connection->mhd);
    return true;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *bytes, size_t *len, void **context)
{
    struct connection *connection = *context;
    (void)arg, (void)mhd, (void)url;
    if (!connection) return MHD_NO;
    bool ok;
    if (connection->stage == STAGE_HEADERS)
        ok = on_headers(connection, method, version);
    else if (*len > 0)
        ok = on_body(connection, bytes, len);
    else
        ok = on_complete(connection);
    return ok ? MHD_YES : MHD_NO;
}

static void on_completed(void *arg, struct MHD_Connection *mhd, void **context,
                         enum MHD_RequestTerminationCode code)
{
    struct http_server *server = arg;
    struct connection *connection = *context;
    (void)mhd;
    if (!connection) return;
    unpark(connection);
    if (connection->response) MHD_destroy_response(connection->response);
    connection->response = NULL;
    server->bodies_bytes -= connection->reserved;
    connection->reserved = 0;
    if (connection->body.size > KEEP_BODY) buf_finish(&connection->body);
    if (connection->begun)
        server->options.application.end(server->options.application.arg, &connection->exchange,
                                        connection->status, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    connection->begun = false;
    connection->status = 0;
    connection->stage = STAGE_IDLE;
    connection->deadline_ms = now_ms(connection) + server->options.idle_timeout_ms;
}

// ---- Answers

bool http_reserve_body(struct http_exchange *exchange)
{
    struct connection *connection = (struct connection *)exchange;
    struct http_server *server = connection->server;
    size_t size = (size_t)exchange->content_length;
    if (size > server->options.max_bodies_bytes - server->bodies_bytes) return false;
    server->bodies_bytes += size;
    connection->reserved += size;
    return true;
}

int64_t http_left_ms(const struct http_exchange *exchange)
{
    const struct connection *connection = (const struct connection *)exchange;
    return connection->deadline_ms - now_ms(connection);
}

static struct MHD_Response *response_of(const struct http_answer *answer, bool close)
{
    static const char nothing[] = "";
    struct MHD_Response *response = MHD_create_response_from_buffer(
        answer->len, (void *)(answer->len ? answer->body : nothing),
        answer->ownership == HTTP_STATIC ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_COPY);
    if (!response) abort();
    for (size_t i = 0; i < answer->count; i++)
        MHD_add_response_header(response, answer->fields[i].name, answer->fields[i].value);
    if (close) MHD_add_response_header(response, "Connection", "close");
    return response;
}

void http_answer(struct http_exchange *exchange, const struct http_answer *answer)
{
    struct connection *connection = (struct connection *)exchange;
    struct http_server *server = connection->server;
    if (connection->response || connection->stage == STAGE_ANSWERED) return;
    connection->response = response_of(answer, answer->close || server->quiesced || exchange->fault);
    connection->status = answer->status;
    if (connection->stage != STAGE_SUSPENDED) return;
    unpark(connection);
    queue(connection);
    MHD_resume_connection(connection->mhd);
    server->due = true;
}

static void on_leave(void *arg, uint32_t events)
{
    struct connection *connection = arg;
    const struct http_application *application = &connection->server->options.application;
    (void)events;
    unpark(connection);
    application->leave(application->arg, &connection->exchange);
}

void http_park(struct http_exchange *exchange, int64_t until_ms)
{
    struct connection *connection = (struct connection *)exchange;
    struct err err;
    connection->deadline_ms = until_ms;
    if (connection->watch.fd >= 0) return;
    connection->watch = (struct loop_source){connection->fd, on_leave, connection};
    if (!loop_watch(connection->server->loop, &connection->watch, EPOLLRDHUP | EPOLLONESHOT, &err))
        connection->watch.fd = -1;
}

// ---- Time

static void overdue(struct connection *connection)
{
    const struct http_application *application = &connection->server->options.application;
    if (connection->stage == STAGE_SUSPENDED)
        application->expire(application->arg, &connection->exchange);
    else
        shutdown(connection->fd, SHUT_RDWR);
    connection->deadline_ms = now_ms(connection) + connection->server->options.header_timeout_ms;
}

// An idle connection on which nothing is waiting to be read.
static bool is_quiet(const struct connection *connection)
{
    char c;
    return connection->stage == STAGE_IDLE && recv(connection->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

static void on_sweep(void *arg)
{
    struct http_server *server = arg;
    int64_t now = loop_now_ms(server->loop);
    for (struct connection *connection = server->connections, *next; connection; connection = next) {
        next = connection->next;
        if (connection->deadline_ms <= now)
            overdue(connection);
        else if (server->quiesced && now - server->quiesced_ms >= GRACE_MS && is_quiet(connection))
            shutdown(connection->fd, SHUT_RDWR);
    }
    server->due = true;
    loop_timer_set(server->loop, &server->sweep, now + SWEEP_MS);
}

static void on_ready(void *arg, uint32_t events)
{
    struct http_server *server = arg;
    (void)events;
    server->due = true;
}

void http_server_run(struct http_server *server)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    for (int i = 0; server->due && i < RUNS_PER_TURN; i++) {
        server->due = false;
        MHD_run(server->daemon);
        if (MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES && wait_ms == 0) server->due = true;
    }
    if (server->due) loop_again(server->loop);
}

// ---- TLS

static int on_certificate(gnutls_session_t session, const gnutls_datum_t *names, int names_count,
                          const gnutls_pk_algorithm_t *algorithms, int algorithms_count,
                          gnutls_pcert_st **chain, unsigned *length, gnutls_privkey_t *key)
{
    struct connection *connection = connection_of(gnutls_session_get_ptr(session));
    (void)names, (void)names_count, (void)algorithms, (void)algorithms_count;
    if (!connection) return -1;
    const struct tls_identity *identity = tls_store_newest(&connection->server->tls);
    *chain = identity->chain;
    *length = identity->length;
    *key = identity->key;
    return 0;
}

bool http_server_tls(struct http_server *server) { return tls_store_newest(&server->tls) != NULL; }

bool http_server_reload(struct http_server *server, struct err *err)
{
    struct tls_identity *identity;
    if (!server->options.tls_cert) return true;
    if (!tls_identity_load(&identity, server->options.tls_cert, server->options.tls_key, err)) return false;
    tls_store_replace(&server->tls, identity, clock_mono_ms());
    return true;
}

// ---- Start and stop

static void on_library_log(void *arg, const char *format, va_list args)
{
    char line[256];
    (void)arg;
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = 0;
    log_debug("http", F_STR("detail", line));
}

static bool start_daemon(struct http_server *server, struct err *err)
{
    const struct http_options *o = &server->options;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (server->options.tls_cert ? MHD_USE_TLS : 0);
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(intptr_t)on_certificate},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {MHD_OPTION_END, 0, NULL},
    };
    if (!server->options.tls_cert) tls[0].option = MHD_OPTION_END;
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, server,
        MHD_OPTION_LISTEN_SOCKET, server->listen_fd, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_URI_LOG_CALLBACK, on_target, server,
        MHD_OPTION_UNESCAPE_CALLBACK, no_unescape, server, MHD_OPTION_CONNECTION_LIMIT, o->max_connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->max_per_address, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        o->max_header_bytes + POOL_HEADROOM, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (!server->daemon) return err_fail(err, INTERNAL_ERROR, "the HTTP server did not start");
    server->source = (struct loop_source){
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, on_ready, server};
    server->due = true;
    return loop_watch(server->loop, &server->source, EPOLLIN, err);
}

bool http_server_start(struct http_server **out, struct loop *loop, const struct http_options *options,
                       struct err *err)
{
    struct http_server *server = calloc(1, sizeof *server);
    struct tls_identity *identity = NULL;
    if (!server) return err_errno(err, errno, "http");
    server->options = *options;
    server->loop = loop;
    server->lingers.loop = loop;
    server->listen_fd = server->source.fd = -1;
    server->sweep = (struct loop_timer){.fire = on_sweep, .arg = server};
    tls_store_init(&server->tls);
    bool ok = !options->tls_cert || tls_identity_load(&identity, options->tls_cert, options->tls_key, err);
    if (ok && identity) tls_store_replace(&server->tls, identity, clock_mono_ms());
    ok = ok && listen_open(&server->listen_fd, options->listen, server->address, err) &&
         start_daemon(server, err);
    if (!ok) return http_server_stop(server), false;
    loop_timer_set(loop, &server->sweep, loop_now_ms(loop) + SWEEP_MS);
    *out = server;
    return true;
}

const char *http_server_address(const struct http_server *server) { return server->address; }

size_t http_server_connections(const struct http_server *server) { return server->count; }

void http_server_quiesce(struct http_server *server)
{
    if (server->quiesced) return;
    struct pollfd waiting = {.fd = server->listen_fd, .events = POLLIN};
    for (int i = 0;
         i < ACCEPT_ROUNDS && poll(&waiting, 1, 0) > 0 && server->count < server->options.max_connections;
         i++)
        MHD_run(server->daemon); // takes in what the kernel has accepted already
    server->due = true;
    server->quiesced = true;
    server->quiesced_ms = loop_now_ms(server->loop);
    MHD_quiesce_daemon(server->daemon);
    close(server->listen_fd);
    server->listen_fd = -1;
}

void http_server_stop(struct http_server *server)
{
    if (!server) return;
    loop_timer_clear(server->loop, &server->sweep);
    if (server->source.fd >= 0) loop_unwatch(server->loop, &server->source);
    if (server->daemon) {
        MHD_run(server->daemon);         // resumes what was answered last
        MHD_stop_daemon(server->daemon); // closes the listening socket unless quiesced
    } else if (server->listen_fd >= 0) {
        close(server->listen_fd);
    }
    linger_finish(&server->lingers);
    tls_store_finish(&server->tls);
    free(server);
}
