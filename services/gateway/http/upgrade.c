// Connections that leave HTTP: the library sends the 101 and gives its socket away. A duplicate of the socket
// lives on, with the TLS session if there is one, and the library's memory of the connection is free at once.
#include "services/gateway/http/connection.h"

#include <assert.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

// ---- Who may leave

static bool list_names(const char *list, const char *token)
{
    size_t len = strlen(token);
    while (list && *list) {
        list += strspn(list, " \t,");
        size_t item = strcspn(list, ",");
        while (item > 0 && (list[item - 1] == ' ' || list[item - 1] == '\t')) item--;
        if (item == len && strncasecmp(list, token, len) == 0) return true;
        list += strcspn(list, ",");
    }
    return false;
}

static bool may_leave(const struct connection *connection, const char *protocol, struct err *err)
{
    const struct http_headers *headers = &connection->exchange.headers;
    if (!connection->is_1_1) return err_fail(err, MALFORMED, "HTTP/1.1 is needed to go on with %s", protocol);
    if (!list_names(headers->upgrade, protocol))
        return err_field(err, MALFORMED, "Upgrade", "Upgrade must name %s", protocol);
    if (!list_names(headers->connection, "upgrade"))
        return err_field(err, MALFORMED, "Connection", "Connection must name Upgrade");
    return !connection->server->quiesced || err_fail(err, SERVICE_DRAINING, "the server stops");
}

// ---- Leaving

void upgrade_list(struct http_server *server, struct http_socket *socket)
{
    socket->next = server->sockets;
    socket->link = &server->sockets;
    if (socket->next) socket->next->link = &socket->next;
    server->sockets = socket;
}

// What is told later does not wait for the acknowledgement of what was told before, which clients delay: the
// library left that as its last answer needed it.
bool upgrade_keep(struct http_socket *socket, int fd)
{
    const int at_once = 1;
    socket->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    return socket->fd >= 0 && fcntl(socket->fd, F_SETFL, fcntl(socket->fd, F_GETFL) | O_NONBLOCK) == 0 &&
           setsockopt(socket->fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once) == 0;
}

// With TLS the library offers a pair of sockets; it is its own that is wanted.
static bool leave_library(struct http_socket *socket, struct connection *connection)
{
    return upgrade_keep(socket, connection->fd) && tls_stream_take(&socket->tls, connection->mhd, socket->fd);
}

// What the client has sent already: the library has read it, or at least its TLS has.
static void give_taken(struct http_socket *socket, const char *early, size_t len)
{
    char bytes[HTTP_SOCKET_READ];
    struct buf all;
    if (!tls_stream_waiting(&socket->tls))
        return socket->owner->taken(socket->arg, socket, socket->fd, early, len);
    buf_init(&all, len + sizeof bytes);
    buf_append(&all, early, len);
    ssize_t more = tls_stream_receive(&socket->tls, bytes, sizeof bytes);
    if (more > 0) buf_append(&all, bytes, (size_t)more);
    socket->owner->taken(socket->arg, socket, socket->fd, all.bytes, all.len);
    buf_finish(&all);
}

static void on_upgraded(void *arg, struct MHD_Connection *mhd, void *context, const char *early, size_t len,
                        MHD_socket fd, struct MHD_UpgradeResponseHandle *handle)
{
    struct connection *connection = context;
    struct http_socket *socket = arg;
    struct http_server *server = socket->server;
    (void)mhd, (void)fd;
    connection_unwatch(connection); // the library closes its number of the socket
    bool taken = leave_library(socket, connection);
    if (taken) {
        connection->socket = NULL;
        upgrade_list(server, socket);
        connection_hand_over(connection, socket);
    }
    request_end(connection, taken);
    connection->stage = STAGE_UPGRADED;
    connection->deadline_ms = INT64_MAX;
    server->due = true;
    if (taken) give_taken(socket, early, len);
    MHD_upgrade_action(handle, MHD_UPGRADE_ACTION_CLOSE);
}

bool http_upgrade(struct http_exchange *exchange, const struct http_answer *head,
                  const struct http_socket_owner *owner, void *arg, struct err *err)
{
    struct connection *connection = (struct connection *)exchange;
    assert(connection->stage != STAGE_BEGIN);
    if (!answer_is_due(connection)) return err_fail(err, INTERNAL_ERROR, "it has been answered");
    if (!may_leave(connection, owner->protocol, err)) return false;
    struct http_socket *socket = calloc(1, sizeof *socket);
    struct MHD_Response *response = socket ? MHD_create_response_for_upgrade(on_upgraded, socket) : NULL;
    if (!response) abort();
    *socket = (struct http_socket){.server = connection->server, .owner = owner, .arg = arg, .fd = -1};
    connection->socket = socket;
    struct http_answer counted = *head;
    counted.status = MHD_HTTP_SWITCHING_PROTOCOLS;
    counted.len = counted.charge = 0;
    http_answer_add(&counted, "Upgrade", owner->protocol);
    answer_head(response, &counted);
    answer_give(connection, response, &counted);
    return true;
}

// ---- Bytes

enum pieces_sent http_socket_send(struct http_socket *socket, struct pieces *pieces)
{
    return socket->tls.session ? tls_stream_send(&socket->tls, pieces) : pieces_send(pieces, socket->fd);
}

ssize_t http_socket_receive(struct http_socket *socket, void *bytes, size_t size)
{
    assert(size >= HTTP_SOCKET_READ);
    return socket->tls.session ? tls_stream_receive(&socket->tls, bytes, size)
                               : recv(socket->fd, bytes, size, 0);
}

void http_socket_end(struct http_socket *socket)
{
    tls_stream_end(&socket->tls);
    shutdown(socket->fd, SHUT_WR);
}

// ---- Ends

void http_socket_close(struct http_socket *socket)
{
    *socket->link = socket->next;
    if (socket->next) socket->next->link = socket->link;
    tls_stream_end(&socket->tls);
    tls_stream_finish(&socket->tls);
    close(socket->fd);
    connection_leave_by(socket);
    free(socket);
}

void upgrade_finish(struct connection *connection)
{
    struct http_socket *socket = connection->socket;
    if (!socket) return;
    connection->socket = NULL;
    socket->owner->lost(socket->arg);
    if (socket->fd >= 0) close(socket->fd);
    free(socket);
}

void upgrade_drain(struct http_server *server, bool at_once)
{
    for (struct http_socket *socket = server->sockets, *next; socket; socket = next) {
        next = socket->next;
        socket->owner->drain(socket->arg, at_once);
    }
    assert(!at_once || !server->sockets);
}
