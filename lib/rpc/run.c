#include "lib/rpc/run.h"

#include <assert.h>

#include "lib/base/clock.h"
#include "lib/rpc/commands.h"
#include "lib/schema/passport.h"
#include "lib/rpc/frame.h"

static const Rpc__Caller nobody = RPC__CALLER__INIT;
static const Rpc__Caller the_operator = {
    PROTOBUF_C_MESSAGE_INIT(&rpc__caller__descriptor),
    .user_id = "",
    .level = LEVEL_DEV, // by the right to open the socket, or the files
    .session_id = "",
    .username = "operator",
    .address = "",
};

bool rpc_identify(struct rpc_call *call, Conse__Asker__Value asker, const Rpc__Caller *caller,
                  struct err *err)
{
    call->asker = asker;
    call->caller = caller ? caller : &nobody;
    if (asker == CONSE__ASKER__VALUE__OPERATOR) {
        call->caller = &the_operator;
        return !caller || err_fail(err, MALFORMED, "an operator asks for nobody");
    }
    bool known = call->caller->user_id[0];
    uint32_t level = call->caller->level;
    return (known ? level >= LEVEL_DEV && level <= LEVEL_PLAYER : level == 0) ||
           err_fail(err, MALFORMED, "the caller is neither a user of a level nor nobody");
}

bool rpc_admit(const struct rpc_call *call, struct err *err)
{
    return passport_check_asker(call->method, call->asker, err) &&
           passport_check_level(call->method, call->caller->level, err) &&
           passport_check_key(call->method, call->caller->key, err);
}

enum { READS_BEHIND_NS = 250 * 1000000 }; // how old the copy may be that a read is answered from

void rpc_set_freshness(struct rpc_call *call, bool after_arrival)
{
    call->fresh_from_ns = 0;
    if (after_arrival || call->fresh)
        call->fresh_from_ns = call->arrived_ns;
    else if (schema_reads(call->method))
        call->fresh_from_ns = call->arrived_ns - READS_BEHIND_NS;
}

bool rpc_is_finding(const struct err *err)
{
    switch (err_code(err)) {
    case CONSE__CODE__UNAVAILABLE:
    case CONSE__CODE__DEADLINE_EXCEEDED:
    case CONSE__CODE__ABORTED:
    case CONSE__CODE__INTERNAL:
    case CONSE__CODE__DATA_LOSS:
        return false;
    default:
        return true;
    }
}

bool rpc_is_stale(const struct rpc_call *call, bool ok, const struct err *err)
{
    bool old = call->decided_on_ns && call->decided_on_ns < call->arrived_ns;
    if (!old || schema_reads(call->method)) return false;
    return ok ? !call->sealed.data && !call->repeated : rpc_is_finding(err);
}

// In a shared store the object of the method's route knows its commands: its handler has them looked up
// there.
static bool judge_nobodys(struct rpc_call *call, struct err *err)
{
    const struct rpc_command *command = call->command;
    if (call->method->owners->kind) return true;
    call->judgement = RPC_ALLOWED;
    bool routed = call->method->route_key || call->method->object;
    bool later = command && routed && store_is_shared(command->store);
    return later || rpc_judge(call, true, err);
}

bool rpc_run(struct rpc_call *call, rpc_handler *handler, ProtobufCMessage **reply, struct err *err)
{
    const ProtobufCMessageDescriptor *type = call->method->reply;
    *reply = arena_alloc(call->arena, type->sizeof_message);
    if (!*reply) return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
    protobuf_c_message_init(type, *reply);
    if (!passport_check_owners(call->method, call->request, call->caller, err)) return false;
    bool ok = judge_nobodys(call, err) && handler(call, call->request, *reply, err);
    if (ok && call->repeated)
        return err_fail(err, INTERNAL_ERROR, "%s goes on after a repetition", call->method->name);
    if (call->repeated) return true;
    if (ok && call->judgement != RPC_ALLOWED)
        return err_fail(err, INTERNAL_ERROR, "%s answers without a judgement", call->method->name);
    if (call->arena->failed) return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
    return ok;
}

void rpc_after(struct rpc_call *call, uint64_t ticket)
{
    if (ticket > call->ticket) call->ticket = ticket;
}

void rpc_wait_for(struct rpc_call *call, uint64_t ticket)
{
    if (ticket > call->rows_ticket) call->rows_ticket = ticket;
}

void rpc_decided_on(struct rpc_call *call, int64_t confirmed_ns)
{
    if (confirmed_ns && (!call->decided_on_ns || confirmed_ns < call->decided_on_ns))
        call->decided_on_ns = confirmed_ns;
}

void rpc_park(struct rpc_call *call, uint64_t ticket) { call->parked = ticket; }

// What a run leaves in the call, but for the tickets that a refusal rests on.
static void forget_run(struct rpc_call *call)
{
    call->judgement = RPC_UNJUDGED;
    call->decided_on_ns = 0;
    call->knows = NULL;
    call->looked_up = false;
    call->tries++;
}

static bool run_fresh(struct rpc_call *call, rpc_handler *handler, ProtobufCMessage **reply, struct err *err)
{
    if (!call->arrived_ns) call->arrived_ns = clock_mono_ns();
    rpc_set_freshness(call, false);
    bool ok = rpc_run(call, handler, reply, err);
    if (!rpc_is_stale(call, ok, err)) return ok;
    forget_run(call);
    rpc_set_freshness(call, true);
    return rpc_run(call, handler, reply, err);
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
    if (!rpc_identify(call, call->asker, call->caller, err) || !rpc_admit(call, err)) return NULL;
    if (!schema_check(request, err) || !run_fresh(call, method->handler, &reply, err)) return NULL;
    if (!call->repeated) return reply;
    return protobuf_c_message_unpack(call->method->reply, &call->arena->allocator, call->sealed.len,
                                     call->sealed.data);
}
