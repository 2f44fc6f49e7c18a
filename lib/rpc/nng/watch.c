#include "lib/rpc/nng/watch.h"

#include <sys/epoll.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/rpc/nng/socket.h"

enum { NNG_NOTICES_MS = 100, DOUBT_MS = 3000 };

void rpc_watch_init(struct rpc_watch *watch) { *watch = (struct rpc_watch){.fd = -1}; }

// The end is an edge: the descriptor stays as long as NNG's does.
static void watch_add(struct rpc_watch *watch)
{
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLET, .data.fd = watch->fd};
    if (epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) != 0) log_warn("cannot watch a peer");
}

void rpc_watch_begin(struct rpc_watch *watch, uint32_t pipe, int epoll_fd)
{
    *watch = (struct rpc_watch){.pipe = pipe, .epoll_fd = epoll_fd, .fd = rpc_socket_find((nng_pipe){pipe})};
    if (watch->fd < 0) return;
    rpc_socket_guard(watch->fd);
    watch_add(watch);
}

// NNG holds the same socket, so closing our descriptor would leave it in the epoll set.
void rpc_watch_end(struct rpc_watch *watch)
{
    if (watch->fd >= 0) {
        epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
        close(watch->fd);
    }
    rpc_watch_init(watch);
}

void rpc_watch_heard(struct rpc_watch *watch) { watch->doubt_ms = 0; }

// What ended was another's, if there is one left that goes on.
static bool watch_exchange(struct rpc_watch *watch, int64_t now_ms)
{
    struct rpc_watch other = {.pipe = watch->pipe,
                              .epoll_fd = watch->epoll_fd,
                              .fd = rpc_socket_find_unasked((nng_pipe){watch->pipe}),
                              .doubt_ms = watch->doubt_ms ? watch->doubt_ms : now_ms + DOUBT_MS};
    if (other.fd < 0) return false;
    rpc_watch_end(watch);
    *watch = other;
    rpc_socket_guard(watch->fd);
    watch_add(watch);
    return true;
}

// When to look again, while it goes on.
static int64_t watch_due_ms(const struct rpc_watch *watch)
{
    if (watch->ended_ms) return watch->ended_ms + NNG_NOTICES_MS;
    return watch->doubt_ms ? watch->doubt_ms : INT64_MAX;
}

bool rpc_watch_ended(struct rpc_watch *watch, int64_t now_ms, int64_t *next_ms)
{
    *next_ms = INT64_MAX;
    if (watch->fd < 0) return false;
    if (!watch->ended_ms && rpc_socket_ended(watch->fd)) watch->ended_ms = now_ms;
    bool due = now_ms >= watch_due_ms(watch);
    if (due && watch->ended_ms) due = !watch_exchange(watch, now_ms);
    *next_ms = due ? INT64_MAX : watch_due_ms(watch);
    return due;
}
