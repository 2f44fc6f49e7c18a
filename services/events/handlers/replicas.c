// The processes of this service, for operators.
#include "lib/replica/replica.h"
#include "services/events/handlers/handlers.h"
#include "services/events/tables.h"

HANDLER(list_replicas, Replica__ListRequest, Replica__ListReply)
{
    struct events *events = call->service;
    reply->service = "events";
    return replica_list(events->replica, events->store, events_tables, call->arena, reply, err);
}

const struct rpc_method replica_methods[] = {
    RPC_METHOD("events.ListReplicas", list_replicas),
    {0},
};
