// Gives a call that runs without a socket an Idempotency-Key.
#ifndef LIB_RPC_TESTING_KEYED_H
#define LIB_RPC_TESTING_KEYED_H

#include <string.h>

#include "lib/rpc/commands.h"

// False when the method keeps no keys. The call has its arena, caller and time; id is the key of its command.
static inline bool keyed_begin(struct rpc_call *call, struct store *store, const char *method,
                               const char *key, const ProtobufCMessage *request, uint8_t id[32])
{
    struct err err;
    Rpc__Request envelope = RPC__REQUEST__INIT;
    call->method = schema_method(method);
    if (!call->method) return false; // a feed
    envelope.method = method;
    envelope.idempotency_key = key;
    envelope.payload.len = protobuf_c_message_get_packed_size(request);
    envelope.payload.data = arena_alloc(call->arena, envelope.payload.len);
    protobuf_c_message_pack(request, envelope.payload.data);
    if (!rpc_command_name(call, &envelope, store, &err) || !call->command) return false;
    memcpy(id, call->command->stored.id, 32);
    return true;
}

#endif
