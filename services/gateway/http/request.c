// From a request's line to its end: the library's callbacks, checked and passed on to the application.
#include "services/gateway/http/connection.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SMALL_BODY = 64 * 1024, // a refused body up to this size is read, so that the connection can stay
    KEEP_BODY = 16 * 1024,  // body memory that a connection keeps between requests
};

void request_renew(struct connection *connection)
{
    struct http_exchange *exchange = &connection->exchange;
    buf_reset(&connection->target);
    exchange->begun_ms = connection_now_ms(connection);
    http_headers_finish(&exchange->headers);
    exchange->headers = (struct http_headers){0};
    exchange->fault = NULL;
    exchange->context = NULL;
    exchange->body_len = 0;
    exchange->by_proxy = false;
    connection->streams = false;
}

// The library would note every parameter of the query in the connection's memory, where the reply must fit
// too.
static void hide_query(char *target)
{
    char *query = strchr(target, '?');
    if (query && query[1]) query[1] = 0;
}

// The request line is there. Its target is kept as it came: the library's own decoding is not used. It lies
// in the library's buffer, which is ours to cut.
void *request_target(void *arg, const char *target, struct MHD_Connection *mhd)
{
    struct http_server *server = arg;
    struct connection *connection = connection_of(mhd);
    if (!connection) return NULL;
    request_renew(connection);
    connection->raw_target = target ? target : "";
    buf_str(&connection->target, connection->raw_target);
    if (target) hide_query((char *)target);
    connection->stage = STAGE_HEADERS;
    place_work(&connection->place);
    connection->deadline_ms = connection_now_ms(connection) + server->front->options.header_timeout_ms;
    return connection;
}

size_t request_unescape(void *arg, struct MHD_Connection *mhd, char *text)
{
    (void)arg, (void)mhd;
    return strlen(text);
}

static void take_forwarded(struct connection *connection)
{
    const struct proxies *proxies = &connection->server->front->options.proxies;
    if (proxies->count == 0 || !proxies_trust(proxies, &connection->peer)) return;
    struct address client =
        proxies_client(proxies, &connection->peer, &connection->exchange.headers.forwarded_for);
    connection->exchange.by_proxy = true;
    connection_name_client(connection, &client);
}

static void read_head(struct connection *connection, const char *method, const char *version)
{
    struct http_exchange *exchange = &connection->exchange;
    exchange->method = method;
    exchange->target = connection->target.bytes;
    framing_take(connection, method, version);
    take_forwarded(connection);
}

static void request_begin(struct connection *connection)
{
    struct http_server *server = connection->server;
    struct http_exchange *exchange = &connection->exchange;
    connection->deadline_ms = exchange->begun_ms + server->front->options.request_timeout_ms;
    connection->begun = true;
    connection->stage = STAGE_BEGIN;
    server->application.begin(server->application.arg, exchange);
}

// It may be asked to go on with its body only when that is wanted.
static bool waits_for_word(const struct http_headers *headers)
{
    return headers->expect && strcasestr(headers->expect, "100-continue");
}

// The client may still be sending a body that nobody wants: the answer goes now and the socket lingers.
static bool queue_early(struct connection *connection)
{
    int fd = dup(connection->fd);
    if (fd >= 0) linger_take(&connection->server->lingers, fd);
    return answer_queue(connection);
}

static bool on_headers(struct connection *connection, const char *method, const char *version)
{
    struct http_exchange *exchange = &connection->exchange;
    read_head(connection, method, version);
    if (exchange->fault) return refusal_pass_on(connection), false;
    request_begin(connection);
    bool now = exchange->headers.transfer_encoding || exchange->content_length > SMALL_BODY ||
               waits_for_word(&exchange->headers);
    if (connection->response && now) return queue_early(connection);
    connection->stage = STAGE_BODY;
    buf_reset(&connection->body);
    connection->body.max = connection->response ? 0 : (size_t)exchange->content_length;
    return true;
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
        server->application.complete(server->application.arg, exchange);
    }
    if (connection->response) return answer_queue(connection);
    if (connection->stage != STAGE_TAKEN) connection_wait(connection);
    return true;
}

// The library can't answer amid a body, so who does not take it over loses the connection.
static bool on_first_body(struct connection *connection)
{
    struct http_server *server = connection->server;
    connection->exchange.body = connection->body.bytes;
    connection->exchange.body_len = connection->body.len;
    connection->stage = STAGE_COMPLETE;
    server->application.complete(server->application.arg, &connection->exchange);
    return connection->stage == STAGE_TAKEN;
}

static bool on_body(struct connection *connection, const char *bytes, size_t *len)
{
    if (!connection->response) buf_append(&connection->body, bytes, *len);
    *len = 0;
    if (connection->body.failed) return false;
    return connection->response || !connection->streams || on_first_body(connection);
}

enum MHD_Result request_take(void *arg, struct MHD_Connection *mhd, const char *url, const char *method,
                             const char *version, const char *bytes, size_t *len, void **context)
{
    struct connection *connection = *context;
    (void)mhd, (void)url;
    if (!connection) return MHD_NO;
    bool ok = true;
    if (connection->stage == STAGE_TAKEN) return MHD_NO;
    if (connection->stage == STAGE_WAITING) return connection_wait(connection), MHD_YES;
    ((struct http_server *)arg)->moved = true;
    if (connection->stage == STAGE_HEADERS)
        ok = on_headers(connection, method, version);
    else if (*len > 0)
        ok = on_body(connection, bytes, len);
    else
        ok = on_complete(connection);
    return ok ? MHD_YES : MHD_NO;
}

void request_end(struct connection *connection, bool sent)
{
    struct http_server *server = connection->server;
    connection_unwatch(connection);
    connection_end_wait(connection);
    answer_drop(connection);
    atomic_fetch_sub(&server->front->bodies_bytes, connection->reserved);
    connection->reserved = 0;
    upgrade_finish(connection);
    reply_budget_give(server->front->options.replies, &connection->charge);
    if (connection->body.size > KEEP_BODY) buf_finish(&connection->body);
    if (connection->begun)
        server->application.end(server->application.arg, &connection->exchange, connection->status, sent);
    connection->begun = false;
    connection->status = 0;
}

void request_completed(void *arg, struct MHD_Connection *mhd, void **context,
                       enum MHD_RequestTerminationCode code)
{
    struct http_server *server = arg;
    struct connection *connection = *context;
    (void)mhd;
    if (!connection) return;
    request_end(connection, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
    connection->stage = STAGE_IDLE;
    place_rest(&connection->place);
    connection->deadline_ms = connection_now_ms(connection) + server->front->options.idle_timeout_ms;
}

bool http_reserve_body(struct http_exchange *exchange)
{
    struct connection *connection = (struct connection *)exchange;
    struct http_front *front = connection->server->front;
    size_t size = (size_t)exchange->content_length;
    if (atomic_fetch_add(&front->bodies_bytes, size) + size > front->options.max_bodies_bytes) {
        atomic_fetch_sub(&front->bodies_bytes, size);
        return false;
    }
    connection->reserved += size;
    return true;
}

void http_stream_body(struct http_exchange *exchange) { ((struct connection *)exchange)->streams = true; }

bool http_is_1_1(const struct http_exchange *exchange)
{
    return ((const struct connection *)exchange)->is_1_1;
}

struct each_header {
    void (*each)(void *arg, const char *name, const char *value);
    void *arg;
};

static enum MHD_Result on_each(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    const struct each_header *asked = arg;
    (void)kind;
    asked->each(asked->arg, name, value ? value : "");
    return MHD_YES;
}

void http_each_header(const struct http_exchange *exchange,
                      void (*each)(void *arg, const char *name, const char *value), void *arg)
{
    struct each_header asked = {each, arg};
    MHD_get_connection_values(((const struct connection *)exchange)->mhd, MHD_HEADER_KIND, on_each, &asked);
}

int64_t http_left_ms(const struct http_exchange *exchange)
{
    const struct connection *connection = (const struct connection *)exchange;
    return connection->deadline_ms - connection_now_ms(connection);
}
