// What the files of the RPC server share: the server, its lanes (a listening socket with contexts, a bounded
// queue and workers), the replies that wait for the disk, and the running commands.
#ifndef LIB_RPC_STATE_H
#define LIB_RPC_STATE_H

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "lib/base/metrics.h"
#include "lib/rpc/batch.h"
#include "lib/rpc/commands.h"
#include "lib/rpc/pending.h"
#include "lib/rpc/senders.h"
#include "lib/rpc/server.h"
#include "lib/thread/keyed_queue.h"

enum {
    RPC_LARGE_BYTES = 64 * 1024, // of a message: only a few of these wait, and outside all turns
    RPC_MOST_LARGE = 8,
    RPC_MOST_TRIES = 5, // of a call, beside the first
};

struct rpc_served { // a method, its handler and its measures
    const char *name;
    const struct schema_method *schema;
    rpc_handler *handler;
    struct metric *calls;
    struct histogram *seconds;
};

struct rpc_lane {
    struct rpc_server *server;
    bool slow;
    nng_socket socket;
    struct rpc_listener *listener;
    struct rpc_batch *batches; // one per context
    uint32_t batches_count;
    pthread_t *workers;
    uint32_t workers_count;
    struct keyed_queue *turns; // what waits in the slow lane; the fast one has the list below
    atomic_uint large;         // large messages in it

    pthread_mutex_t mutex; // guards the fields below
    pthread_cond_t wake;
    struct rpc_batch *first, **last; // waiting
    uint32_t admitted;               // waiting or running
    uint32_t limit;                  // of admitted
    bool stopped;
};

struct rpc_server {
    struct rpc_server_options options;
    struct seal requests, replies;
    struct senders senders;
    _Atomic int64_t complained_ms; // of a message that does not open
    struct rpc_served *methods;    // by name
    size_t methods_count;
    bool has_turns; // a method's calls take turns
    struct rpc_lane fast, slow;
    struct rpc_pending pending;
    struct rpc_commands commands;
    uint8_t turn_key[crypto_shorthash_KEYBYTES]; // so that nobody can choose which calls share a turn
    struct metric *waiting;                      // gauge: batches in the queues
    struct metric *refused;                      // batches refused because a queue was full
    struct metric *messages;                     // from clients, with calls
    struct metric *again;                        // frames run once more
    struct metric *foreign;                      // messages that did not open
    atomic_bool draining;

    pthread_mutex_t mutex; // guards outstanding
    pthread_cond_t quiet;
    uint32_t outstanding; // batches taken and not yet answered
    int64_t sent_ms;      // monotonic, when the last answer left
};

const struct rpc_served *rpc_server_find(const struct rpc_server *server, const char *name);

// ---- lane.c
struct rpc_lane_size {
    uint32_t workers;
    uint32_t queue;    // batches that may wait beside those that run
    uint32_t contexts; // that receive them
};
MUST_CHECK bool rpc_lane_start(struct rpc_lane *lane, const char *address, struct rpc_lane_size size,
                               struct err *err);
// Workers answer what is queued and end.
void rpc_lane_join(struct rpc_lane *lane);
void rpc_lane_close(struct rpc_lane *lane);
// Sends the batch's reply and lets its context receive again.
void rpc_lane_answer(struct rpc_batch *batch);
// Has a worker run the marked frames again. False when there is no room or no worker any more: the batch
// stays the caller's.
MUST_CHECK bool rpc_lane_again(struct rpc_batch *batch);

// ---- again.c
// Marks the answers that are to be made anew: those parked until now, and those whose write met another
// process's. False when there are none, or no time is left.
bool rpc_again_mark(struct rpc_batch *batch, struct store *store);
// What is told after the last try of a call that met others each time: nothing was done, and it may come
// again.
void rpc_again_give_up(struct err *err);

// ---- turn.c
// Fills batch->task, the turn in which the batch waits. NNG's threads call it; it never blocks.
void rpc_turn_of(struct rpc_batch *batch);

// ---- unseal.c
MUST_CHECK bool rpc_unseal_init(struct rpc_server *server, struct err *err);
void rpc_unseal_finish(struct rpc_server *server);
// Opens the message, once. False when it is not authentic: the sender is cut off then.
MUST_CHECK bool rpc_unseal(struct rpc_batch *batch);
// Whether the message is a greeting, which is answered at once: the batch has the answer, or none when it is
// refused.
bool rpc_greet(struct rpc_batch *batch);
MUST_CHECK bool rpc_seal_reply(struct rpc_batch *batch);

// ---- dispatch.c
// Runs the frames of a batch one after another, or those that are marked, then answers or leaves it pending.
// Returns how its caller fared.
enum keyed_outcome rpc_dispatch(struct rpc_batch *batch, struct arena *arena);
// Answers every frame with err; false when the message deserves no answer.
MUST_CHECK bool rpc_refuse(struct rpc_batch *batch, const struct err *err);

#endif
