#include "services/gateway/feed/pipe.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "services/gateway/http/http.h"

// SILENT_MS: who does not confirm what is sent, as a head every 15 s, is gone.
enum { GATHERED_MOST = 64 << 10, SILENT_MS = 20000 };

// ---- What waits

void pipe_copy(struct pipe *pipe, const void *bytes, size_t len)
{
    if (!pipe->broken) pieces_copy(&pipe->pieces, bytes, len);
}

void pipe_share(struct pipe *pipe, struct shared *shared, size_t from, size_t len)
{
    if (!pipe->broken) pieces_share(&pipe->pieces, shared, from, len);
}

bool pipe_has_room(const struct pipe *pipe)
{
    bool there = pipe->socket || pipe->stream;
    return there && !pipe->blocked && !pipe->broken && pipe->pieces.bytes < GATHERED_MOST;
}

// ---- To a socket

static void flush_socket(struct pipe *pipe)
{
    enum pieces_sent sent = pieces_send(&pipe->pieces, pipe->source.fd);
    pipe->blocked = sent == PIECES_BLOCKED;
    pipe->broken = sent == PIECES_BROKEN;
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
    while (pipe->pieces.first && !pipe->blocked) {
        struct piece *piece = pipe->pieces.first;
        struct shared *shared =
            piece->shared ? shared_hold(piece->shared) : shared_create(piece->bytes, piece->len);
        if (!shared) abort();
        enum http_room room =
            http_write(pipe->stream, shared,
                       (size_t)(piece->bytes - (piece->shared ? shared->bytes : piece->bytes)), piece->len);
        shared_drop(shared);
        pipe->blocked = room != HTTP_GO_ON;
        if (room != HTTP_NO_ROOM) pieces_take(&pipe->pieces, piece->len);
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
    *pipe = (struct pipe){.owner = owner, .arg = arg, .loop = loop};
    pieces_init(&pipe->pieces);
    pipe->source.fd = -1;
}

// The kernel tells each change once, so that nothing has to be set anew when a client is slow.
bool pipe_open(struct pipe *pipe, struct http_socket *socket, int fd, struct err *err)
{
    const unsigned silent_ms = SILENT_MS;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silent_ms, sizeof silent_ms); // not of other kinds
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
    pieces_drop(&pipe->pieces);
    if (pipe->source.fd >= 0) loop_unwatch(pipe->loop, &pipe->source);
    if (pipe->socket) http_socket_close(pipe->socket);
    if (pipe->stream) http_end(pipe->stream);
    pipe->source.fd = -1;
    pipe->socket = NULL;
    pipe->stream = NULL;
    pipe->broken = true;
}
