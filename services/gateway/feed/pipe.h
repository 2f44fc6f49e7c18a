// Where the bytes of a viewer go: a socket that has left HTTP. Bytes that are shared are not copied; all that
// a turn gathers goes out by one call. While nothing waits, a pipe holds no memory. The loop's thread.
#ifndef GATEWAY_FEED_PIPE_H
#define GATEWAY_FEED_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/shared.h"
#include "lib/net/loop.h"
#include "lib/net/pieces.h"

struct http_socket;

struct pipe_owner {
    void (*writable)(void *arg); // some went out
    void (*gone)(void *arg);     // the client went away, or the connection broke; never within a call here
};

struct pipe {
    const struct pipe_owner *owner;
    void *arg;
    struct loop *loop;
    struct http_socket *socket; // NULL: none yet
    struct loop_source source;  // of the socket
    struct pieces pieces;
    bool blocked; // the kernel took less than there is
    bool broken;
};

void pipe_init(struct pipe *pipe, struct loop *loop, const struct pipe_owner *owner, void *arg);
// Takes the socket: from now on it goes out there.
MUST_CHECK bool pipe_open(struct pipe *pipe, struct http_socket *socket, int fd, struct err *err);

// Added bytes go out with pipe_flush, at the latest. They are copied, or held.
void pipe_copy(struct pipe *pipe, const void *bytes, size_t len);
void pipe_share(struct pipe *pipe, struct shared *shared, size_t from, size_t len);
void pipe_flush(struct pipe *pipe);
bool pipe_has_room(const struct pipe *pipe);  // not much waits
size_t pipe_waiting(const struct pipe *pipe); // bytes
void pipe_close(struct pipe *pipe);           // what waits is lost. The owner is not told any more

#endif
