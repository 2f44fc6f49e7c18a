// Calls with an Idempotency-Key: the first reply is given again, a different request is refused, and so is a
// repetition while the first still runs. The finished ones are in the store, written together with what they
// changed. Thread-safe.
#ifndef LIB_RPC_COMMANDS_H
#define LIB_RPC_COMMANDS_H

#include <pthread.h>

#include "lib/rpc/server.h"

enum { RPC_COMMAND_BUCKETS = 256 };

struct rpc_batch;
struct rpc_running;

struct rpc_commands {
    struct store *store;
    pthread_mutex_t mutex;
    struct rpc_running *buckets[RPC_COMMAND_BUCKETS];
};

// Of one call; lives in its arena.
struct rpc_command {
    struct store_command stored;
};

void rpc_commands_init(struct rpc_commands *commands, struct store *store);
void rpc_commands_finish(struct rpc_commands *commands);

// Sets call->command when the request carries a key that counts. *repeated: *reply is the first reply, the
// handler must not run.
MUST_CHECK bool rpc_command_begin(struct rpc_commands *commands, struct rpc_batch *batch,
                                  struct rpc_call *call, const Rpc__Request *request, bool *repeated,
                                  ProtobufCBinaryData *reply, struct err *err);
// The batch is answered: its commands no longer run.
void rpc_commands_release(struct rpc_commands *commands, struct rpc_batch *batch);

#endif
