// The turn in which a call of the slow lane waits. Its key is the name in the request that the method's
// passport selects, or the caller's id, together with the client's network, so no other network can delay an
// account's own calls.
#include <ctype.h>
#include <string.h>

#include "lib/net/network.h"
#include "lib/rpc/state.h"

enum { ARENA_BYTES = 4 * RPC_LARGE_BYTES, NAME_BYTES = 64 };
enum { OUTSIDE = 1 }; // the slot of all methods that wait for servers of others

struct caller_key {
    char network[NETWORK_TEXT];
    char name[NAME_BYTES]; // in lower case, cut to fit
};

static uint64_t turn_hash(const struct rpc_server *server, const void *bytes, size_t len)
{
    uint64_t value;
    _Static_assert(sizeof value == crypto_shorthash_BYTES, "a key is one hash");
    crypto_shorthash((uint8_t *)&value, bytes, len, server->turn_key);
    return value;
}

static const char *name_in(const struct rpc_served *method, const Rpc__Request *request, struct arena *arena)
{
    const ProtobufCMessage *message = protobuf_c_message_unpack(method->schema->request, &arena->allocator,
                                                                request->payload.len, request->payload.data);
    const ProtobufCFieldDescriptor *field = &method->schema->request->fields[method->schema->turns_by - 1];
    return message ? *(const char *const *)((const char *)message + field->offset) : "";
}

// What waits for servers of others may take long, and holds up the caller's calls of that method alone.
static void set_key(struct rpc_batch *batch, const struct rpc_served *method, struct caller_key *key,
                    const char *name)
{
    const struct rpc_server *server = batch->lane->server;
    struct keyed_task *task = &batch->task;
    for (size_t i = 0; i < sizeof key->name && name[i]; i++)
        key->name[i] = (char)tolower((unsigned char)name[i]);
    task->key = turn_hash(server, key, sizeof *key);
    task->slots[0] = (struct keyed_slot){task->key, 1};
    if (method->schema->outside) task->slots[0].id ^= turn_hash(server, method->name, strlen(method->name));
}

static void set_turn(struct rpc_batch *batch, const Rpc__Request *request, struct arena *arena)
{
    const struct rpc_lane *lane = batch->lane;
    const struct rpc_served *method = rpc_server_find(lane->server, request->method);
    struct keyed_task *task = &batch->task;
    struct caller_key key = {0};
    if (request->caller) network_household(key.network, request->caller->address);
    task->group = turn_hash(lane->server, key.network, sizeof key.network);
    task->deadline_ms = batch->received_ms + request->timeout_ms;
    if (!method) return;
    if (method->schema->turns_caller && request->caller)
        set_key(batch, method, &key, request->caller->user_id);
    if (method->schema->turns_by) set_key(batch, method, &key, name_in(method, request, arena));
    if (method->schema->outside) task->slots[1] = (struct keyed_slot){OUTSIDE, (lane->workers_count + 1) / 2};
}

void rpc_turn_of(struct rpc_batch *batch)
{
    ProtobufCBinaryData envelope;
    batch->task = (struct keyed_task){.deadline_ms = INT64_MAX};
    if (!batch->lane->server->has_turns || nng_msg_len(batch->request) > RPC_LARGE_BYTES) return;
    if (!rpc_unseal(batch) ||
        !rpc_frames_open(&batch->frames, nng_msg_body(batch->request), nng_msg_len(batch->request)) ||
        batch->frames.count != 1 || !rpc_frames_next(&batch->frames, &envelope))
        return;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    const Rpc__Request *request = rpc__request__unpack(&arena.allocator, envelope.len, envelope.data);
    if (request) set_turn(batch, request, &arena);
    arena_finish(&arena);
}
