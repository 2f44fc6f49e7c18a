// Batches whose replies wait until the writes they rest on are durable and those they wait for are decided.
// The commit thread sends them; a timer thread answers batches whose deadline passes first.
#ifndef LIB_RPC_PENDING_H
#define LIB_RPC_PENDING_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/store/store.h"

struct rpc_batch;

struct rpc_pending {
    struct store *store;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct rpc_batch *first;
    int64_t alarm_ms; // when the timer thread wakes next; INT64_MAX: not before it is told
    bool stopped;
    bool running;
    pthread_t timer;
};

// store NULL: nothing ever waits.
MUST_CHECK bool rpc_pending_start(struct rpc_pending *pending, struct store *store, struct err *err);
// Answers what still waits as unfinished.
void rpc_pending_stop(struct rpc_pending *pending);
// Takes over the batch and answers it when its ticket is decided, which may be now.
void rpc_pending_add(struct rpc_pending *pending, struct rpc_batch *batch);

#endif
