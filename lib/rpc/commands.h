// Calls with an Idempotency-Key. A caller that may still see the result gets the first reply again; others
// are told that they succeeded. A different request with the key is refused, and so is a repetition while the
// first still runs. Finished commands are in the store, written together with what they changed. Thread-safe.
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

// Belongs to one call and lives in its arena.
struct rpc_command {
    struct store *store;
    struct store_command stored;
};

void rpc_commands_init(struct rpc_commands *commands, struct store *store);
void rpc_commands_finish(struct rpc_commands *commands);

// Sets call->command when the request carries a key that counts, and lets no other call with the key run
// until the batch is answered; a frame of the batch that is run again is the same call. rpc_judge looks up an
// earlier use of the key.
MUST_CHECK bool rpc_command_begin(struct rpc_commands *commands, struct rpc_batch *batch, const void *frame,
                                  struct rpc_call *call, const Rpc__Request *request, struct err *err);
// The same without a server's list of running commands, for tests.
MUST_CHECK bool rpc_command_name(struct rpc_call *call, const Rpc__Request *request, struct store *store,
                                 struct err *err);
// The batch is answered: its commands no longer run.
void rpc_commands_release(struct rpc_commands *commands, struct rpc_batch *batch);

#endif
