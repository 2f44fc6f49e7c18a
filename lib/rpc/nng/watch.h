// Notices a connection's end without NNG, by its socket. NNG's thread that reports lost pipes can stop for
// good when a pipe is closed between a message's head and body (1.5.2). The socket may have been taken for
// another's of the same path, which ends soon when many connect at once: then the right one is left over, and
// is watched instead; that it is the right one is doubted until a message comes. One thread.
#ifndef LIB_RPC_NNG_WATCH_H
#define LIB_RPC_NNG_WATCH_H

#include <nng/nng.h>
#include <stdbool.h>
#include <stdint.h>

struct rpc_watch {
    uint32_t pipe; // watched, or 0
    int epoll_fd;
    int fd;           // a copy of the socket's; -1 when there is none
    int64_t ended_ms; // monotonic, when the end was seen; 0: not yet
    int64_t doubt_ms; // when it counts as ended unless a message comes; 0: never
};

void rpc_watch_init(struct rpc_watch *watch);
// The epoll set becomes readable when there is something to see.
void rpc_watch_begin(struct rpc_watch *watch, uint32_t pipe, int epoll_fd);
void rpc_watch_end(struct rpc_watch *watch);
// A message came by the connection.
void rpc_watch_heard(struct rpc_watch *watch);
// True a while after the end, in which NNG reads what was still sent and should notice by itself. *next_ms:
// when to ask again.
bool rpc_watch_ended(struct rpc_watch *watch, int64_t now_ms, int64_t *next_ms);

#endif
