#include "lib/rpc/commands.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/rpc/batch.h"

enum { MAX_KEY = 128 };

struct rpc_running {
    uint8_t id[32];
    struct rpc_batch *batch;
    const void *frame; // of the batch
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

// Whether no other call with this id runs. *entered: it is in the list now; else it was there before.
static bool commands_enter(struct rpc_commands *commands, struct rpc_running *running, bool *entered)
{
    struct rpc_running **bucket = &commands->buckets[running->id[0]];
    pthread_mutex_lock(&commands->mutex);
    const struct rpc_running *first = *bucket;
    while (first && memcmp(first->id, running->id, 32) != 0) first = first->next;
    bool mine = !first || (first->batch == running->batch && first->frame == running->frame);
    *entered = !first;
    if (!first) {
        running->next = *bucket;
        *bucket = running;
        running->batch->commands++;
    }
    pthread_mutex_unlock(&commands->mutex);
    return mine;
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

bool rpc_command_begin(struct rpc_commands *commands, struct rpc_batch *batch, const void *frame,
                       struct rpc_call *call, const Rpc__Request *request, struct err *err)
{
    if (!rpc_command_name(call, request, commands->store, err)) return false;
    if (!call->command) return true;
    struct rpc_running *running = malloc(sizeof *running);
    if (!running) return err_fail(err, SERVICE_BUSY, "out of memory");
    *running = (struct rpc_running){.batch = batch, .frame = frame};
    memcpy(running->id, call->command->stored.id, sizeof running->id);
    bool entered, mine = commands_enter(commands, running, &entered);
    if (!entered) free(running);
    return mine || err_fail(err, IDEMPOTENCY_RUNNING, "a request with this Idempotency-Key is still running");
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

bool rpc_command_gives(const struct rpc_call *call, uint32_t n, struct uuid *id)
{
    crypto_generichash_state state;
    uint8_t bytes[16];
    const struct rpc_command *command = call->command;
    if (!command || !store_is_shared(command->store)) return false;
    crypto_generichash_init(&state, command->stored.id, sizeof command->stored.id, sizeof bytes);
    hash_part(&state, "conse/made/1");
    crypto_generichash_update(&state, (const uint8_t *)&n, sizeof n);
    crypto_generichash_final(&state, bytes, sizeof bytes);
    *id = uuid_from(bytes);
    return true;
}

bool rpc_key_is_spent(struct err *err)
{
    return err_fail(err, IDEMPOTENCY_MISMATCH, "this Idempotency-Key was used more than a day ago");
}

// The first write with the id was refused, and the look-up found no command before the second try, nor the
// third.
bool rpc_new_id(const struct rpc_call *call, struct uuid *id, struct err *err)
{
    if (!rpc_command_gives(call, 0, id)) return *id = uuid_new(call->now_ms), true;
    return call->tries < 2 || rpc_key_is_spent(err);
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
    if (call->judgement != RPC_ALLOWED || call->repeated || (call->command && !call->looked_up)) {
        call->arena->failed = true;
        return &call->write;
    }
    pack_sealed(call, reply);
    if (!call->command || !call->sealed.data) return &call->write;
    call->command->stored.reply = call->sealed;
    call->write.command = &call->command->stored;
    return &call->write;
}
