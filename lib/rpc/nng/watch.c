#include "lib/rpc/nng/watch.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/rpc/nng/socket.h"

enum { NNG_NOTICES_MS = 100 };

void rpc_watch_init(struct rpc_watch *watch) { *watch = (struct rpc_watch){.fd = -1}; }

static int open_process(uint64_t pid)
{
    if (pid == 0 || pid == (uint64_t)getpid()) return -1;
    return (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
}

// A socket's end is an edge: the descriptor stays as long as NNG's does.
static void watch_add(struct rpc_watch *watch)
{
    struct epoll_event event = {.events = watch->is_socket ? EPOLLRDHUP | EPOLLET : EPOLLIN,
                                .data.fd = watch->fd};
    if (epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) != 0) log_warn("cannot watch a peer");
}

void rpc_watch_begin(struct rpc_watch *watch, uint32_t pipe, uint64_t peer_pid, int epoll_fd)
{
    *watch = (struct rpc_watch){.pipe = pipe, .epoll_fd = epoll_fd, .fd = open_process(peer_pid)};
    if (watch->fd < 0) {
        watch->fd = rpc_socket_find((nng_pipe){pipe});
        watch->is_socket = watch->fd >= 0;
    }
    if (watch->is_socket) rpc_socket_guard(watch->fd);
    if (watch->fd >= 0) watch_add(watch);
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

static bool has_ended(const struct rpc_watch *watch)
{
    struct pollfd process = {.fd = watch->fd, .events = POLLIN};
    return watch->is_socket ? rpc_socket_ended(watch->fd) : poll(&process, 1, 0) == 1;
}

bool rpc_watch_ended(struct rpc_watch *watch, int64_t now_ms, int64_t *next_ms)
{
    *next_ms = INT64_MAX;
    if (watch->fd < 0 || (watch->ended_ms == 0 && !has_ended(watch))) return false;
    if (watch->ended_ms == 0) watch->ended_ms = now_ms;
    int64_t gone_ms = watch->ended_ms + (watch->is_socket ? NNG_NOTICES_MS : 0);
    if (now_ms >= gone_ms) return true;
    *next_ms = gone_ms;
    return false;
}
