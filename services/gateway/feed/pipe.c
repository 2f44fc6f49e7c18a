#include "services/gateway/feed/pipe.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "services/gateway/feed/feed.h"
#include "services/gateway/http/http.h"

// SILENT_MS: who does not confirm what is sent, as a head every 15 s, is gone.
enum { SILENT_MS = 20000 };

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
    return pipe->socket && !pipe->broken && pipe->pieces.bytes < FEED_FULL;
}

size_t pipe_waiting(const struct pipe *pipe) { return pipe->pieces.bytes; }

// ---- To a socket

static void flush_socket(struct pipe *pipe)
{
    enum pieces_sent sent = http_socket_send(pipe->socket, &pipe->pieces);
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
    pipe->owner->writable(pipe->arg);
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
    pieces_wait_here(fd);
    pipe->socket = socket;
    pipe->source = (struct loop_source){fd, on_ready, pipe};
    if (loop_watch(pipe->loop, &pipe->source, EPOLLOUT | EPOLLRDHUP | EPOLLET, err)) return true;
    pipe->source.fd = -1;
    return false;
}

void pipe_flush(struct pipe *pipe)
{
    if (pipe->socket && !pipe->broken && !pipe->blocked) flush_socket(pipe);
}

void pipe_close(struct pipe *pipe)
{
    pieces_drop(&pipe->pieces);
    if (pipe->source.fd >= 0) loop_unwatch(pipe->loop, &pipe->source);
    if (pipe->socket) http_socket_close(pipe->socket);
    pipe->source.fd = -1;
    pipe->socket = NULL;
    pipe->broken = true;
}
