// What the files of the RPC server share: the server, its lanes (a listening socket with contexts, a bounded
// queue and workers), the replies that wait for the disk, and the commands that are running.
#ifndef LIB_RPC_STATE_H
#define LIB_RPC_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "lib/base/metrics.h"
#include "lib/rpc/batch.h"
#include "lib/rpc/commands.h"
#include "lib/rpc/pending.h"
#include "lib/rpc/server.h"

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

    pthread_mutex_t mutex; // guards what follows
    pthread_cond_t wake;
    struct rpc_batch *first, **last; // waiting
    uint32_t admitted;               // waiting or running
    uint32_t limit;                  // of admitted
    bool stopped;
};

struct rpc_server {
    struct rpc_server_options options;
    uint8_t key[RPC_KEY_BYTES];
    const uint8_t *bus_key;     // key, or NULL
    struct rpc_served *methods; // by name
    size_t methods_count;
    struct rpc_lane fast, slow;
    struct rpc_pending pending;
    struct rpc_commands commands;
    struct metric *waiting; // gauge: batches in the queues
    struct metric *refused; // batches refused because a queue was full
    atomic_bool draining;

    pthread_mutex_t mutex; // guards outstanding
    pthread_cond_t quiet;
    uint32_t outstanding; // batches taken and not yet answered
    int64_t sent_ms;      // monotonic, when the last answer left
};

const struct rpc_served *rpc_server_find(const struct rpc_server *server, const char *name);

// ---- lane.c
MUST_CHECK bool rpc_lane_start(struct rpc_lane *lane, const char *address, uint32_t contexts,
                               uint32_t workers, struct err *err);
// Workers answer what is queued and end.
void rpc_lane_join(struct rpc_lane *lane);
void rpc_lane_close(struct rpc_lane *lane);
// Sends the batch's reply and lets its context receive again.
void rpc_lane_answer(struct rpc_batch *batch);

// ---- dispatch.c
// Runs the frames of a batch one after another, then answers or leaves it pending.
void rpc_dispatch(struct rpc_batch *batch, struct arena *arena);
// Answers every frame with err; false when the message does not deserve an answer.
MUST_CHECK bool rpc_refuse(struct rpc_batch *batch, const struct err *err);

#endif
