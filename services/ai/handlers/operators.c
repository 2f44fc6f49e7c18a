// What operators ask of the processes.
#include "lib/replica/replica.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/tables.h"

HANDLER(list_replicas, Replica__ListRequest, Replica__ListReply)
{
    struct ai *ai = call->service;
    reply->service = "ai";
    return replica_list(ai->replica, ai->store, ai_tables, call->arena, reply, err);
}

const struct rpc_method ai_operator_methods[] = {
    RPC_METHOD("ai.ListReplicas", list_replicas),
    {0},
};
