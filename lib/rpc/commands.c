#include "lib/rpc/commands.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/rpc/batch.h"

enum { MAX_KEY = 128 };

struct rpc_running {
    uint8_t id[32];
    struct rpc_batch *batch;
    struct rpc_running *next;
};

void rpc_commands_init(struct rpc_commands *commands, struct store *store)
{
    *commands = (struct rpc_commands){.store = store};
    pthread_mutex_init(&commands->mutex, NULL);
}

void rpc_commands_finish(struct rpc_commands *commands) { pthread_mutex_destroy(&commands->mutex); }

static void hash_part(crypto_generichash_state *state, const char *text)
{
    crypto_generichash_update(state, (const uint8_t *)text, strlen(text) + 1);
}

static void command_id(uint8_t id[32], const struct rpc_call *call, const Rpc__Request *request)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 32);
    hash_part(&state, "conse/command/1");
    hash_part(&state, call->caller->user_id);
    hash_part(&state, request->method);
    hash_part(&state, request->idempotency_key);
    crypto_generichash_final(&state, id, 32);
}

static bool commands_counts(const struct rpc_call *call, const Rpc__Request *request,
                            const struct store *store)
{
    bool keyed = call->method->keyed_table || call->method->keyed_stream;
    return keyed && store && request->idempotency_key[0] && call->caller->user_id[0];
}

// False when the command runs already.
static bool commands_enter(struct rpc_commands *commands, struct rpc_batch *batch, const uint8_t id[32],
                           struct rpc_running *running)
{
    struct rpc_running **bucket = &commands->buckets[id[0]];
    memcpy(running->id, id, 32);
    running->batch = batch;
    pthread_mutex_lock(&commands->mutex);
    const struct rpc_running *other = *bucket;
    while (other && memcmp(other->id, id, 32) != 0) other = other->next;
    if (!other) {
        running->next = *bucket;
        *bucket = running;
        batch->commands++;
    }
    pthread_mutex_unlock(&commands->mutex);
    return !other;
}

bool rpc_command_name(struct rpc_call *call, const Rpc__Request *request, struct store *store,
                      struct err *err)
{
    if (!commands_counts(call, request, store)) return true;
    if (strlen(request->idempotency_key) > MAX_KEY)
        return err_fail(err, MALFORMED, "an Idempotency-Key has at most %d bytes", MAX_KEY);
    call->command = arena_new(call->arena, struct rpc_command);
    if (!call->command) return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
    call->command->store = store;
    struct store_command *mine = &call->command->stored;
    command_id(mine->id, call, request);
    crypto_generichash(mine->request_hash, 32, request->payload.data, request->payload.len, NULL, 0);
    mine->time_ms = call->now_ms;
    return true;
}

bool rpc_command_begin(struct rpc_commands *commands, struct rpc_batch *batch, struct rpc_call *call,
                       const Rpc__Request *request, struct err *err)
{
    if (!rpc_command_name(call, request, commands->store, err)) return false;
    if (!call->command) return true;
    struct rpc_running *running = malloc(sizeof *running);
    if (!running) return err_fail(err, SERVICE_BUSY, "out of memory");
    if (commands_enter(commands, batch, call->command->stored.id, running)) return true;
    free(running);
    return err_fail(err, IDEMPOTENCY_RUNNING, "a request with this Idempotency-Key is still running");
}

static void release_bucket(struct rpc_running **at, struct rpc_batch *batch)
{
    while (*at) {
        struct rpc_running *running = *at;
        if (running->batch == batch) {
            *at = running->next;
            batch->commands--;
            free(running);
        } else {
            at = &running->next;
        }
    }
}

void rpc_commands_release(struct rpc_commands *commands, struct rpc_batch *batch)
{
    if (!batch->commands) return;
    pthread_mutex_lock(&commands->mutex);
    for (size_t i = 0; i < RPC_COMMAND_BUCKETS && batch->commands; i++)
        release_bucket(&commands->buckets[i], batch);
    pthread_mutex_unlock(&commands->mutex);
}

static void pack_sealed(struct rpc_call *call, const ProtobufCMessage *reply)
{
    size_t len = protobuf_c_message_get_packed_size(reply);
    if (len > RPC_MAX_SEALED_BYTES) call->arena->failed = true;
    call->sealed.data = arena_alloc(call->arena, len);
    if (call->sealed.data) call->sealed.len = protobuf_c_message_pack(reply, call->sealed.data);
}

const struct store_write *rpc_seal(struct rpc_call *call, const ProtobufCMessage *reply,
                                   void (*done)(void *arg, bool durable), void *arg)
{
    call->write = (struct store_write){.done = done, .arg = arg};
    if (call->judgement != RPC_ALLOWED || call->repeated) {
        call->arena->failed = true;
        return &call->write;
    }
    pack_sealed(call, reply);
    if (!call->command || !call->sealed.data) return &call->write;
    call->command->stored.reply = call->sealed;
    call->write.command = &call->command->stored;
    return &call->write;
}
