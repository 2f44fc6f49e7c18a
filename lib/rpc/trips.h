// The round trips of one REQ socket: each message goes out through a context of its own and its reply arrives
// in an inbox. A context writes in the calling thread, where a raw socket would hand the message from queue
// to queue. One thread, except for NNG's, which only fill the inbox.
#ifndef LIB_RPC_TRIPS_H
#define LIB_RPC_TRIPS_H

#include <nng/nng.h>
#include <pthread.h>
#include <stdint.h>

#include "lib/base/err.h"

struct rpc_trip;

struct rpc_trips {
    nng_socket socket;
    int event_fd;               // written when the first reply is in the inbox
    struct rpc_trip *idle;      // contexts for reuse
    struct rpc_trip *under_way; // oldest last
    uint32_t count;             // of those under way
    pthread_mutex_t mutex;      // of the inbox
    struct rpc_trip *inbox, **inbox_end;
};

// The socket must not be closed before rpc_trips_drop. It must not send again by itself (RESENDTIME).
void rpc_trips_init(struct rpc_trips *trips, nng_socket socket, int event_fd);
void rpc_trips_finish(struct rpc_trips *trips);

// Takes the message; its number comes back with the reply. False when the maximum is under way, or without
// memory: the message stays the caller's.
MUST_CHECK bool rpc_trips_send(struct rpc_trips *trips, nng_msg *message, uint64_t number);
bool rpc_trips_full(const struct rpc_trips *trips); // the maximum is under way
// The next reply, or NULL. The caller frees it. Does not block.
nng_msg *rpc_trips_receive(struct rpc_trips *trips, uint64_t *number);
// Ends what is under way: unsent messages are no longer sent, sent ones get no reply.
void rpc_trips_drop(struct rpc_trips *trips);

#endif
