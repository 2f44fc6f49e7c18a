// Requests that cannot be taken. The application answers them like others, but the answer goes to the socket
// at once, because the library has no memory for it beside large headers. The library says nothing of a
// request that it cannot read, so the known parts are put together here, and the answer goes out before the
// library's own.
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/net/mhd_refusal.h"
#include "services/gateway/http/connection.h"

enum { ANSWER_MOST = 64 * 1024 };

static const char *text_of(struct MHD_Connection *mhd, int status)
{
    switch (status) {
    case 413:
        return "Content-Length is more than any body may have";
    case 414:
        return "the path and query are too long";
    case 431:
        return "the headers are too many, or too large together";
    case 505:
        return "this server speaks HTTP/1.1";
    default:
        return MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "Content-Length")
                   ? "Content-Length is not a number, or a line is no header"
                   : "the request line or a header is malformed";
    }
}

static void refusal_fault(struct http_exchange *exchange, struct MHD_Connection *mhd, unsigned status)
{
    bool known = status == 413 || status == 414 || status == 431 || status == 505;
    exchange->fault_status = known ? (int)status : 400;
    exchange->fault = text_of(mhd, exchange->fault_status);
    exchange->method = "-"; // the library keeps it to itself
    exchange->content_length = 0;
}

void refusal_pass_on(struct connection *connection)
{
    const struct http_application *application = &connection->server->application;
    struct http_exchange *exchange = &connection->exchange;
    connection->stage = STAGE_REFUSED;
    application->begin(application->arg, exchange);
    application->end(application->arg, exchange, connection->status, connection->status != 0);
    connection->stage = STAGE_ANSWERED;
    connection->status = 0;
}

void refusal_take(void *arg, struct MHD_Connection *mhd, unsigned status)
{
    struct connection *connection = connection_of(mhd);
    (void)arg;
    if (!connection || connection->begun || connection->stage == STAGE_ANSWERED) return;
    if (connection->stage == STAGE_IDLE) request_renew(connection);
    refusal_fault(&connection->exchange, mhd, status);
    connection->exchange.target = connection->target.len ? connection->target.bytes : "-";
    refusal_pass_on(connection);
}

static void write_head(struct buf *out, const struct http_answer *answer)
{
    char date[64];
    time_t now = (time_t)(clock_unix_ms() / 1000);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    buf_printf(out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", answer->status,
               MHD_get_reason_phrase_for((unsigned)answer->status), date);
    for (size_t i = 0; i < answer->count; i++)
        buf_printf(out, "%s: %s\r\n", answer->fields[i].name, answer->fields[i].value);
    buf_printf(out, "Content-Length: %zu\r\nConnection: close\r\n\r\n", answer->len);
}

static void send_bytes(struct connection *connection, const struct buf *bytes)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection->mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (info && info->tls_session) {
        gnutls_record_send(info->tls_session, bytes->bytes, bytes->len);
        gnutls_bye(info->tls_session, GNUTLS_SHUT_WR);
    } else {
        send(connection->fd, bytes->bytes, bytes->len, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

// A full socket gets what fits: a client that does not read loses an answer that ends the connection anyway.
void refusal_send(struct connection *connection, const struct http_answer *answer)
{
    struct buf bytes;
    if (connection->status) return;
    buf_init(&bytes, ANSWER_MOST);
    write_head(&bytes, answer);
    if (strcmp(connection->exchange.method, "HEAD") != 0) buf_append(&bytes, answer->body, answer->len);
    send_bytes(connection, &bytes);
    buf_finish(&bytes);
    connection->status = answer->status;
    int fd = dup(connection->fd);
    if (fd >= 0) linger_take(&connection->server->lingers, fd);
}
