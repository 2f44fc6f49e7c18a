// Connections whose answer has no end: they leave the library, whose memory of them is free at once. The
// library gives its socket away for upgrades alone, so it is taken: while the connection is suspended, a
// duplicate of its socket is kept, the library's number is made a dead socket, and the library, resumed,
// closes that. Its TLS session is taken in the same way (tls_stream.c). takeover_test.c pins what this leans
// on.
#include "services/gateway/http/connection.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_MOST = 8192 };

static int dead_socket(struct http_server *server)
{
    int pair[2];
    if (server->dead_fd >= 0) return server->dead_fd;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) return -1;
    close(pair[1]);
    return server->dead_fd = pair[0];
}

static void write_date(struct buf *head)
{
    char date[40];
    time_t now = time(NULL);
    struct tm at;
    if (strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &at)))
        buf_printf(head, "Date: %s\r\n", date);
}

static bool write_head(struct http_socket *socket, const struct http_answer *answer)
{
    struct buf head;
    buf_init(&head, HEAD_MOST);
    buf_str(&head, "HTTP/1.1 200 OK\r\n");
    write_date(&head);
    for (size_t i = 0; i < answer->count; i++)
        buf_printf(&head, "%s: %s\r\n", answer->fields[i].name, answer->fields[i].value);
    buf_str(&head, "Connection: close\r\n\r\n");
    bool ok = !head.failed;
    socket->head = buf_take(&head, &socket->head_len);
    return ok;
}

static void list_taking(struct http_server *server, struct http_socket *socket)
{
    socket->next = server->taking;
    socket->link = &server->taking;
    if (socket->next) socket->next->link = &socket->next;
    server->taking = socket;
}

bool http_take_over(struct http_exchange *exchange, const struct http_answer *head,
                    const struct http_socket_owner *owner, void *arg)
{
    struct connection *connection = (struct connection *)exchange;
    struct http_server *server = connection->server;
    enum stage stage = connection->stage;
    bool possible = stage == STAGE_COMPLETE || connection_is_out(connection);
    if (!possible || connection->response || server->quiesced) return false;
    struct http_socket *socket = calloc(1, sizeof *socket);
    if (!socket) abort();
    *socket = (struct http_socket){
        .server = server, .owner = owner, .arg = arg, .fd = -1, .connection = connection};
    if (head && !write_head(socket, head)) return free(socket->head), free(socket), false;
    connection_end_wait(connection);
    if (stage != STAGE_SUSPENDED) MHD_suspend_connection(connection->mhd);
    connection->stage = STAGE_TAKEN;
    connection->status = head ? 200 : 0;
    connection->deadline_ms = INT64_MAX;
    list_taking(server, socket);
    server->due = true;
    loop_again(server->loop);
    return true;
}

// A head is small, and nothing of an answer before it waits in the socket for long.
static bool send_head(struct http_socket *socket)
{
    struct pieces pieces;
    if (!socket->head) return true;
    pieces_init(&pieces);
    pieces_copy(&pieces, socket->head, socket->head_len);
    enum pieces_sent sent = http_socket_send(socket, &pieces);
    pieces_drop(&pieces);
    return sent == PIECES_ALL;
}

static bool takeover_take(struct http_socket *socket)
{
    struct connection *connection = socket->connection;
    int dead = dead_socket(socket->server);
    return dead >= 0 && upgrade_keep(socket, connection->fd) &&
           tls_stream_take(&socket->tls, connection->mhd, socket->fd) && dup2(dead, connection->fd) >= 0 &&
           fcntl(connection->fd, F_SETFD, FD_CLOEXEC) == 0 && send_head(socket);
}

static struct http_socket *takeover_next(struct http_server *server)
{
    struct http_socket *socket = server->taking;
    if (!socket) return NULL;
    server->taking = socket->next;
    if (socket->next) socket->next->link = &server->taking;
    return socket;
}

// What the library has read of a body that is streamed is in the connection; what its TLS has, stays there.
static void give_begun(struct http_socket *socket, struct buf *body)
{
    upgrade_list(socket->server, socket);
    socket->owner->taken(socket->arg, socket, socket->fd, body->bytes, body->len);
    buf_finish(body);
}

static void takeover_finish(struct http_socket *socket)
{
    struct http_server *server = socket->server;
    struct connection *connection = socket->connection;
    connection_unwatch(connection);
    bool taken = takeover_take(socket);
    socket->connection = NULL;
    free(socket->head);
    socket->head = NULL;
    struct buf body = {0};
    if (connection->streams) body = connection->body, connection->body = (struct buf){0};
    if (taken) connection_hand_over(connection, socket);
    request_end(connection, taken);
    MHD_resume_connection(connection->mhd);
    server->due = true;
    if (taken) return give_begun(socket, &body);
    buf_finish(&body);
    tls_stream_finish(&socket->tls);
    if (socket->fd >= 0) close(socket->fd);
    socket->owner->lost(socket->arg);
    free(socket);
}

void takeover_run(struct http_server *server)
{
    struct http_socket *socket;
    while ((socket = takeover_next(server)) != NULL) takeover_finish(socket);
}
