#include "lib/rpc/run.h"

#include <assert.h>

#include "lib/rpc/frame.h"

bool rpc_run(struct rpc_call *call, rpc_handler *handler, ProtobufCMessage **reply, struct err *err)
{
    const ProtobufCMessageDescriptor *type = call->method->reply;
    *reply = arena_alloc(call->arena, type->sizeof_message);
    if (!*reply) return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
    protobuf_c_message_init(type, *reply);
    bool ok = handler(call, call->request, *reply, err);
    if (call->arena->failed) return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
    return ok;
}

ProtobufCMessage *rpc_run_here(struct rpc_call *call, const struct rpc_method *const *tables,
                               const char *name, const ProtobufCMessage *request, struct err *err)
{
    const struct rpc_method *method = rpc_method_find(tables, name);
    ProtobufCMessage *reply;
    assert(method && rpc_schema_of(name)->request == request->descriptor);
    call->method = rpc_schema_of(name);
    call->request = request;
    if (!call->traceparent) call->traceparent = "";
    if (!schema_check(request, err) || !rpc_run(call, method->handler, &reply, err)) return NULL;
    return reply;
}
