// Notices the end of a connection's other side without NNG. NNG's thread that reports lost pipes can stop for
// good when a pipe is closed between a message's head and body (1.5.2). Over ipc the process's end is
// watched, over tcp the connection's socket. One thread.
#ifndef LIB_RPC_NNG_WATCH_H
#define LIB_RPC_NNG_WATCH_H

#include <nng/nng.h>
#include <stdbool.h>
#include <stdint.h>

struct rpc_watch {
    uint32_t pipe; // watched, or 0
    int epoll_fd;
    int fd; // the process's, or a copy of the socket's; -1 when there is none
    bool is_socket;
    int64_t ended_ms; // monotonic, when the end was seen; 0: not yet
};

void rpc_watch_init(struct rpc_watch *watch);
// The epoll set becomes readable when there is something to see. peer_pid: over ipc, else 0.
void rpc_watch_begin(struct rpc_watch *watch, uint32_t pipe, uint64_t peer_pid, int epoll_fd);
void rpc_watch_end(struct rpc_watch *watch);
// True when the other side is gone. Over tcp that is a while later, in which NNG reads what was still sent
// and should notice by itself. *next_ms: when to ask again.
bool rpc_watch_ended(struct rpc_watch *watch, int64_t now_ms, int64_t *next_ms);

#endif
