// The calls of a client that wait for replies: slots found by id, and a heap of deadlines. An id carries the
// slot's generation, so a late reply never matches the next call in the slot. One thread.
#ifndef LIB_RPC_CALLS_H
#define LIB_RPC_CALLS_H

#include "lib/rpc/client.h"
#include "lib/trace/span.h"

struct rpc_link;

struct rpc_waiting {
    uint32_t id; // 0: the slot is free
    uint16_t generation;
    uint32_t heap; // index in calls->heap
    int64_t deadline_ms;
    struct rpc_link *link;               // NULL while it waits for one
    int64_t patience_ms;                 // monotonic: until when it waits for a link
    char *stream;                        // that the call is about, when it may go elsewhere; owned, or NULL
    uint32_t losses;                     // of the link when the call was attached
    struct rpc_waiting *previous, *next; // of the link, of those without one, or the free list by next
    Conse__Class class;
    bool repeatable;              // it may be asked of another peer
    bool keyed;                   // it may be asked again, because its Idempotency-Key makes it happen once
    bool lost;                    // it was sent to a peer that went away
    ProtobufCBinaryData envelope; // for asking later, or another peer; owned, or empty
    struct span *span;            // owned; NULL: it is not traced
    rpc_done *done;
    void *arg;
};

struct rpc_calls {
    struct rpc_waiting *slots;
    struct rpc_waiting **heap; // earliest deadline first
    uint32_t size, used, count;
    struct rpc_waiting *free_first, *free_last;
    uint32_t free_count;
};

MUST_CHECK bool rpc_calls_init(struct rpc_calls *calls, uint32_t size);
void rpc_calls_finish(struct rpc_calls *calls);
// NULL when all slots are taken.
struct rpc_waiting *rpc_calls_take(struct rpc_calls *calls, int64_t deadline_ms);
struct rpc_waiting *rpc_calls_find(struct rpc_calls *calls, uint32_t id); // NULL when it no longer waits
void rpc_calls_free(struct rpc_calls *calls, struct rpc_waiting *call);
struct rpc_waiting *rpc_calls_earliest(struct rpc_calls *calls); // NULL when none waits

#endif
