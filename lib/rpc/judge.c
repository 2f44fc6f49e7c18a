// The judgement of a caller's right to an object, and the answer to a repeated command: that it succeeded,
// and its result as far as the caller may still see it.
#include <string.h>

#include "lib/rpc/commands.h"

// The fields of a message that name objects; NULL when it has none, or without memory.
static ProtobufCMessage *names_of(const ProtobufCMessage *whole, struct arena *arena)
{
    const ProtobufCMessageDescriptor *type = whole->descriptor;
    const struct schema_message *schema = schema_message(type);
    ProtobufCMessage *names = NULL;
    for (unsigned i = 0; schema && i < type->n_fields; i++) {
        if (!schema->fields[i].names) continue;
        if (!names && !(names = arena_alloc(arena, type->sizeof_message))) return NULL;
        if (!names->descriptor) protobuf_c_message_init(type, names);
        size_t offset = type->fields[i].offset; // of a string
        *(const char **)((char *)names + offset) = *(const char *const *)((const char *)whole + offset);
    }
    return names;
}

static void copy_names(ProtobufCMessage *out, const ProtobufCMessage *reply, struct arena *arena)
{
    for (unsigned i = 0; i < reply->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &reply->descriptor->fields[i];
        bool alone = field->type == PROTOBUF_C_TYPE_MESSAGE && field->label != PROTOBUF_C_LABEL_REPEATED &&
                     !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
        if (!alone) continue;
        const ProtobufCMessage *member = *(ProtobufCMessage *const *)((const char *)reply + field->offset);
        if (member) *(ProtobufCMessage **)((char *)out + field->offset) = names_of(member, arena);
    }
}

// Seals the first reply with only the fields that name objects.
static bool seal_names(struct rpc_call *call, ProtobufCBinaryData first, struct err *err)
{
    struct arena *arena = call->arena;
    const ProtobufCMessageDescriptor *type = call->method->reply;
    ProtobufCMessage *reply = protobuf_c_message_unpack(type, &arena->allocator, first.len, first.data);
    ProtobufCMessage *out = arena_alloc(arena, type->sizeof_message);
    if (!reply && !arena->failed)
        return err_fail(err, STORE_CORRUPT, "the first reply of %s can't be read", call->method->name);
    if (out) protobuf_c_message_init(type, out);
    if (out && reply) copy_names(out, reply, arena);
    if (out) call->sealed.data = arena_alloc(arena, protobuf_c_message_get_packed_size(out));
    if (arena->failed) return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
    call->sealed.len = protobuf_c_message_pack(out, call->sealed.data);
    return true;
}

// *may_be: it was carried out, unless the store says otherwise. *ticket: of the write that it may be part of.
static bool ask_object(struct rpc_call *call, bool *may_be, uint64_t *ticket, struct err *err)
{
    *may_be = true;
    *ticket = 0;
    return !call->knows || call->knows(call->known_by, call->command->stored.id, may_be, ticket, err);
}

static bool find_first(struct rpc_call *call, bool *found, struct store_command *first, struct err *err)
{
    const struct rpc_command *mine = call->command;
    bool may_be;
    uint64_t ticket;
    *found = false;
    if (!mine) return true;
    if (!ask_object(call, &may_be, &ticket, err)) return false;
    if (may_be && !store_command_find(mine->store, call->method->keyed_table, mine->stored.id, call->arena,
                                      found, first, err))
        return false;
    call->looked_up = true;
    if (*found || !may_be || !ticket) return true;
    rpc_park(call, ticket);
    return err_fail(err, IDEMPOTENCY_RUNNING, "a request with this Idempotency-Key is still being written");
}

bool rpc_judge(struct rpc_call *call, bool allowed, struct err *err)
{
    struct store_command first;
    bool found;
    call->judgement = allowed ? RPC_ALLOWED : RPC_REFUSED;
    if (!find_first(call, &found, &first, err)) return false;
    if (!found) return allowed;
    if (memcmp(first.request_hash, call->command->stored.request_hash, sizeof first.request_hash) != 0)
        return allowed &&
               err_fail(err, IDEMPOTENCY_MISMATCH, "this Idempotency-Key was used for another request");
    if (allowed)
        call->sealed = first.reply;
    else if (!seal_names(call, first.reply, err))
        return false;
    *err = (struct err){0};
    call->repeated = true;
    return false;
}
