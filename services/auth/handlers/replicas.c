// The processes of this service, for operators; and those of others, for whoever verifies the installation.
#include <string.h>

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
HANDLER(tell_process, Replica__TellRequest, Replica__TellReply)
{
    struct auth *auth = call->service;
    Replica__Statement statement = *request->statement;
    uint64_t ticket;
    statement.service = service_of(call);
    statement.signed_at = NULL;
    if (!replica_hear(auth->replica, &statement, request, &ticket, err)) return false;
    if (request->clock_ms)
        reply->clock_ms = replica_hear_clock(auth->replica, statement.id, request->clock_ms, call->now_ms);
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

// NAME=value (source)
static Auth__ServiceConfig__Setting *make_setting(const char *line, size_t len, struct arena *arena)
{
    Auth__ServiceConfig__Setting *setting = arena_new(arena, Auth__ServiceConfig__Setting);
    char *text = arena_strn(arena, line, len), *value = text ? strchr(text, '=') : NULL;
    char *source = value ? strrchr(value, '(') : NULL;
    if (!setting || !source || source - value < 2 || text[len - 1] != ')') return NULL;
    auth__service_config__setting__init(setting);
    value[0] = source[-1] = text[len - 1] = 0;
    setting->name = text;
    setting->value = value + 1;
    setting->source = source + 1;
    return setting;
}

static bool add_settings(Auth__ServiceConfig *config, const char *text, struct arena *arena, struct err *err)
{
    size_t lines = 0;
    for (const char *at = text; (at = strchr(at, '\n')); at++) lines++;
    config->settings = arena_array(arena, lines, sizeof *config->settings);
    if (!config->settings) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (size_t len; *text && config->n_settings < lines; text += len + 1) {
        len = strcspn(text, "\n");
        Auth__ServiceConfig__Setting *setting = make_setting(text, len, arena);
        if (setting)
            config->settings[config->n_settings++] = setting; // else it is of a program of another kind
    }
    return true;
}

static bool add_config(Auth__ListConfigReply *reply, const struct replica_known *known, struct arena *arena,
                       struct err *err)
{
    Auth__ServiceConfig *config = arena_new(arena, Auth__ServiceConfig);
    if (!config) return err_fail(err, INTERNAL_ERROR, "out of memory");
    auth__service_config__init(config);
    config->id = known->statement->id;
    config->name = known->statement->service;
    reply->services[reply->n_services++] = config;
    return add_settings(config, known->config ? known->config : "", arena, err);
}

HANDLER(list_config, Auth__ListConfigRequest, Auth__ListConfigReply)
{
    struct auth *auth = call->service;
    struct replica_known known[REPLICA_STATEMENTS_MOST];
    size_t count;
    (void)request;
    if (!replica_known(auth->replica, call->arena, known, &count, err)) return false;
    reply->services = arena_array(call->arena, count, sizeof *reply->services);
    if (!reply->services) return err_fail(err, INTERNAL_ERROR, "out of memory");
    for (size_t i = 0; i < count; i++)
        if (!add_config(reply, &known[i], call->arena, err)) return false;
    return true;
}

const struct rpc_method replica_methods[] = {
    RPC_METHOD("auth.ListServices", list_services),
    RPC_METHOD("auth.ListConfig", list_config),
    RPC_METHOD("auth.TellProcess", tell_process),
    RPC_METHOD("auth.ListReplicas", list_replicas),
    {0},
};
