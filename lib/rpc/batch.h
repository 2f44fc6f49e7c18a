// One request message on its way: a context receives it, a worker runs it, and it is answered when its
// replies' tickets are decided. It has one owner at a time: NNG while receiving or sending, a lane's queue, a
// worker, or the pending list.
#ifndef LIB_RPC_BATCH_H
#define LIB_RPC_BATCH_H

#include <nng/nng.h>

#include "lib/rpc/frame.h"
#include "lib/rpc/seal.h"
#include "lib/rpc/server.h"
#include "lib/thread/keyed_queue.h"
#include "lib/trace/span.h"

struct rpc_lane;

// How a frame is run.
struct rpc_attempt {
    ProtobufCBinaryData envelope; // in the request message
    uint32_t tries;               // before this one
    bool fresh;                   // decided on nothing that was not confirmed after the arrival
};

struct rpc_answer {
    size_t offset, len; // of its frame in the reply message
    uint64_t ticket;    // 0: rests on nothing
    uint64_t parked;    // it is run again when this ticket is decided; 0: it is not
    struct rpc_attempt attempt;
    struct span *span, *commit; // of the frame, and of its wait for the ticket; owned by the batch, or NULL
    uint32_t id;
    bool changes;    // it may have written
    bool repeatable; // when its write meets another process's, it is run again
    bool again;      // to be run again now
};

struct rpc_batch {
    struct rpc_lane *lane;
    nng_ctx ctx;
    nng_aio *aio;
    bool sending, traced;   // traced: an answer has a span
    struct rpc_batch *next; // in the lane's queue or the pending list
    struct keyed_task task; // in the slow lane's queue
    enum keyed_outcome outcome;
    nng_msg *request;
    enum { RPC_SEALED, RPC_UNSEALED, RPC_FOREIGN } seal; // FOREIGN: it did not open
    struct seal_head head;                               // of the request
    bool again;                                          // its answers that are marked are made anew
    struct rpc_frames frames;                            // of the request
    nng_msg *reply;
    int64_t received_ns; // monotonic
    int64_t received_ms; // the same
    int64_t deadline_ms; // monotonic, of the frame with the least time left
    uint64_t ticket;     // it is answered when this one is decided
    uint32_t commands;   // running commands, released with the answer
    uint32_t answers_count;
    struct rpc_answer answers[RPC_MAX_FRAMES];
};

// Forgets the last request; false without memory for a reply.
MUST_CHECK bool rpc_batch_begin(struct rpc_batch *batch);
void rpc_batch_clear(struct rpc_batch *batch);
// Ends the spans of its answers.
void rpc_batch_end_spans(struct rpc_batch *batch);
// Whether the largest reply still fits.
bool rpc_batch_has_room(const struct rpc_batch *batch);
// Adds a reply frame. One that is too large is replaced by REPLY_TOO_LARGE.
MUST_CHECK bool rpc_batch_add(struct rpc_batch *batch, const Rpc__Reply *reply, uint64_t ticket);
// Delays the answer until the ticket is decided, whatever its outcome; 0 has no effect.
void rpc_batch_wait_for(struct rpc_batch *batch, uint64_t ticket);
MUST_CHECK bool rpc_batch_add_err(struct rpc_batch *batch, uint32_t id, const struct err *err,
                                  uint64_t ticket);
// The same with WRONG_PEER: the peer at this address goes on writing the object.
MUST_CHECK bool rpc_batch_add_winner(struct rpc_batch *batch, uint32_t id, const struct err *err,
                                     const char *winner, uint64_t ticket);
// Rebuilds the reply message: `remake` adds another answer in place of each that `selects` names, behind
// those that stay. False without memory.
struct rpc_remaking {
    bool (*selects)(void *arg, const struct rpc_answer *answer);
    bool (*remake)(void *arg, const struct rpc_answer *answer);
    void *arg;
};
MUST_CHECK bool rpc_batch_rebuild(struct rpc_batch *batch, const struct rpc_remaking *remaking);

#endif
