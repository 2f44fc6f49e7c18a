// The processes of this service, for operators.
#include "lib/replica/replica.h"
#include "services/auth/handlers/handlers.h"

HANDLER(list_replicas, Replica__ListRequest, Replica__ListReply)
{
    struct auth *auth = call->service;
    reply->service = "auth";
    return replica_list(auth->replica, auth->store, auth_tables, call->arena, reply, err);
}

const struct rpc_method replica_methods[] = {
    RPC_METHOD("auth.ListReplicas", list_replicas),
    {0},
};
