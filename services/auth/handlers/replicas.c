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
    if (!replica_hear(auth->replica, &statement, request, &ticket, err)) return false;
    rpc_after(call, ticket);
    return true;
}

static Auth__Service *make_service(const struct replica_known *known, struct arena *arena)
{
    Auth__Service *service = arena_new(arena, Auth__Service);
    if (!service) return NULL;
    auth__service__init(service);
    service->id = known->statement->id;
    service->name = known->statement->service;
    service->version = known->statement->version;
    service->commit = known->statement->commit;
    service->since = known->statement->started_at;
    service->format = known->format;
    service->age_ms = known->age_ms;
    service->ready = known->health && known->health->ready;
    service->health = known->health;
    return service;
}

HANDLER(list_services, Auth__ListServicesRequest, Auth__ListServicesReply)
{
    struct auth *auth = call->service;
    struct replica_known known[REPLICA_STATEMENTS_MOST];
    size_t count;
    (void)request;
    if (!replica_known(auth->replica, call->arena, known, &count, err)) return false;
    reply->services = arena_alloc(call->arena, sizeof(Auth__Service *[REPLICA_STATEMENTS_MOST]));
    for (size_t i = 0; reply->services && i < count; i++) {
        reply->services[i] = make_service(&known[i], call->arena);
        if (!reply->services[i]) return err_fail(err, INTERNAL_ERROR, "out of memory");
        reply->n_services++;
    }
    return reply->services || err_fail(err, INTERNAL_ERROR, "out of memory");
}

const struct rpc_method replica_methods[] = {
    RPC_METHOD("auth.ListServices", list_services),
    RPC_METHOD("auth.TellProcess", tell_process),
    RPC_METHOD("auth.ListReplicas", list_replicas),
    {0},
};
