#include "services/gateway/feed/pipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "services/gateway/http/http.h"

enum { AT_ONCE = 256, GATHERED_MOST = 64 << 10, SMALL = 1024 };

// Copied bytes are behind it; of shared ones `shared` is held.
struct pipe_piece {
    struct pipe_piece *next;
    struct shared *shared;
    const char *bytes;
    size_t len, room;
    char copied[];
};

// ---- What waits

static void drop_piece(struct pipe *pipe)
{
    struct pipe_piece *piece = pipe->first;
    pipe->first = piece->next;
    if (!pipe->first) pipe->last = &pipe->first;
    shared_drop(piece->shared);
    free(piece);
}

static struct pipe_piece *add_piece(struct pipe *pipe, size_t room)
{
    struct pipe_piece *piece = malloc(sizeof *piece + room);
    if (!piece) abort();
    *piece = (struct pipe_piece){.room = room};
    piece->bytes = piece->copied;
    *pipe->last = piece;
    pipe->last = &piece->next;
    return piece;
}

static struct pipe_piece *last_piece(struct pipe *pipe)
{
    return pipe->first ? (struct pipe_piece *)((char *)pipe->last - offsetof(struct pipe_piece, next)) : NULL;
}

// Small texts share a piece.
void pipe_copy(struct pipe *pipe, const void *bytes, size_t len)
{
    if (pipe->broken) return;
    struct pipe_piece *last = last_piece(pipe);
    if (!last || last->shared || last->bytes != last->copied || last->room - last->len < len)
        last = add_piece(pipe, len < SMALL ? SMALL : len);
    memcpy(last->copied + last->len, bytes, len);
    last->len += len;
}

void pipe_share(struct pipe *pipe, struct shared *shared, size_t from, size_t len)
{
    if (pipe->broken || !len) return;
    struct pipe_piece *piece = add_piece(pipe, 0);
    piece->shared = shared_hold(shared);
    piece->bytes = shared->bytes + from;
    piece->len = len;
}

bool pipe_has_room(const struct pipe *pipe)
{
    size_t gathered = 0;
    if (pipe->blocked || pipe->broken || (!pipe->socket && !pipe->stream)) return false;
    for (const struct pipe_piece *piece = pipe->first; piece && gathered < GATHERED_MOST; piece = piece->next)
        gathered += piece->len;
    return gathered < GATHERED_MOST;
}

// ---- To a socket

static void take_sent(struct pipe *pipe, size_t sent)
{
    while (pipe->first && sent >= pipe->first->len) {
        sent -= pipe->first->len;
        drop_piece(pipe);
    }
    if (!sent) return;
    pipe->first->bytes += sent;
    pipe->first->len -= sent;
}

static ssize_t send_some(const struct pipe *pipe)
{
    struct iovec parts[AT_ONCE];
    struct msghdr message = {.msg_iov = parts};
    for (const struct pipe_piece *piece = pipe->first; piece && message.msg_iovlen < AT_ONCE;
         piece = piece->next)
        parts[message.msg_iovlen++] = (struct iovec){(void *)piece->bytes, piece->len};
    return sendmsg(pipe->source.fd, &message, MSG_NOSIGNAL);
}

static void flush_socket(struct pipe *pipe)
{
    while (pipe->first) {
        ssize_t sent = send_some(pipe);
        if (sent < 0 && errno == EINTR) continue;
        pipe->blocked = sent < 0 && errno == EAGAIN;
        pipe->broken = sent < 0 && errno != EAGAIN;
        if (sent < 0) return;
        take_sent(pipe, (size_t)sent);
    }
    pipe->blocked = false;
}

static void on_ready(void *arg, uint32_t events)
{
    struct pipe *pipe = arg;
    bool blocked = pipe->blocked;
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) return pipe->owner->gone(pipe->arg);
    if (!(events & EPOLLOUT) || !blocked) return;
    flush_socket(pipe);
    if (pipe->broken) return pipe->owner->gone(pipe->arg);
    if (!pipe->blocked) pipe->owner->writable(pipe->arg);
}

// ---- To a stream

static void flush_stream(struct pipe *pipe)
{
    while (pipe->first && !pipe->blocked) {
        struct pipe_piece *piece = pipe->first;
        struct shared *shared =
            piece->shared ? shared_hold(piece->shared) : shared_create(piece->bytes, piece->len);
        if (!shared) abort();
        enum http_room room =
            http_write(pipe->stream, shared,
                       (size_t)(piece->bytes - (piece->shared ? shared->bytes : piece->bytes)), piece->len);
        shared_drop(shared);
        pipe->blocked = room != HTTP_GO_ON;
        if (room != HTTP_NO_ROOM) drop_piece(pipe);
    }
}

void pipe_stream_writable(struct pipe *pipe)
{
    pipe->blocked = false;
    flush_stream(pipe);
    if (!pipe->blocked) pipe->owner->writable(pipe->arg);
}

// ---- Life

void pipe_init(struct pipe *pipe, struct loop *loop, const struct pipe_owner *owner, void *arg)
{
    *pipe = (struct pipe){.owner = owner, .arg = arg, .loop = loop, .last = &pipe->first};
    pipe->source.fd = -1;
}

// The kernel tells each change once, so that nothing has to be set anew when a client is slow.
bool pipe_open(struct pipe *pipe, struct http_socket *socket, int fd, struct err *err)
{
    pipe->socket = socket;
    pipe->source = (struct loop_source){fd, on_ready, pipe};
    if (loop_watch(pipe->loop, &pipe->source, EPOLLOUT | EPOLLRDHUP | EPOLLET, err)) return true;
    pipe->source.fd = -1;
    return false;
}

void pipe_open_stream(struct pipe *pipe, struct http_stream *stream) { pipe->stream = stream; }

void pipe_flush(struct pipe *pipe)
{
    if (pipe->broken || pipe->blocked) return;
    if (pipe->socket) flush_socket(pipe);
    if (pipe->stream) flush_stream(pipe);
}

void pipe_close(struct pipe *pipe)
{
    while (pipe->first) drop_piece(pipe);
    if (pipe->source.fd >= 0) loop_unwatch(pipe->loop, &pipe->source);
    if (pipe->socket) http_socket_close(pipe->socket);
    if (pipe->stream) http_end(pipe->stream);
    pipe->source.fd = -1;
    pipe->socket = NULL;
    pipe->stream = NULL;
    pipe->broken = true;
}
