// Answers on their way, and whether their clients take them. A client that takes nothing, or too little for
// too long, is cut off, so that the memory of its answer is free again. The server's thread.
#ifndef GATEWAY_HTTP_PROGRESS_H
#define GATEWAY_HTTP_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct connection;

enum { PROGRESS_LEAST_BYTES = 8 * 1024 }; // per second, beyond the time that a request has

struct progress {
    int64_t answered_ms, moved_ms;
    uint64_t acked; // bytes that the client had acknowledged at moved_ms
};

// Starts an answer with a body of len bytes; sets the connection's deadline.
void progress_begin(struct connection *connection, size_t len);
void progress_check(struct connection *connection, int64_t now_ms);

#endif
