// The processes of this service, for operators; and those of others, for whoever verifies the installation.
#include "lib/replica/replica.h"
#include "services/auth/handlers/handlers.h"

HANDLER(list_replicas, Replica__ListRequest, Replica__ListReply)
{
    struct auth *auth = call->service;
    reply->service = "auth";
    return replica_list(auth->replica, auth->store, auth_tables, call->arena, reply, err);
}

// Of the program that the bus key proves.
static const char *service_of(const struct rpc_call *call)
{
    switch (call->asker) {
    case CONSE__ASKER__VALUE__EVENTS:
        return "events";
    case CONSE__ASKER__VALUE__CHAIN:
        return "chain";
    case CONSE__ASKER__VALUE__AI:
        return "ai";
    default:
        return "gateway";
    }
}

// What it says of itself is believed, but for its service.
HANDLER(tell_process, Replica__TellRequest, Google__Protobuf__Empty)
{
    struct auth *auth = call->service;
    Replica__Statement statement = *request->statement;
    uint64_t ticket;
    statement.service = service_of(call);
    statement.signed_at = NULL;
    if (!replica_hear(auth->replica, &statement, request->format, &ticket, err)) return false;
    rpc_after(call, ticket);
    return true;
}

const struct rpc_method replica_methods[] = {
    RPC_METHOD("auth.TellProcess", tell_process),
    RPC_METHOD("auth.ListReplicas", list_replicas),
    {0},
};
