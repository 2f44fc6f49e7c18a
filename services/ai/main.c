// conse-ai: what finished games say of those who played them.
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "lib/replica/tell.h"
#include "lib/service/service.h"
#include "services/ai/ai.h"
#include "services/ai/games/learn.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/tables.h"
#include "services/known.h"

static struct replica_tell *tell;
static struct ai_settings settings;

static const char *ai_note(struct service *service)
{
    const struct ai *ai = service->context;
    return discord_note(ai->discord);
}

static void ai_leave(struct service *service)
{
    const struct ai *ai = service->context;
    replica_leave(ai->replica);
}

static void ai_stop(struct service *service)
{
    replica_tell_stop(tell);
    ai_close(service->context);
}

static bool follow_auth(struct service *service, struct ai *ai, struct err *err)
{
    const struct names_source auth = {.self = CONSE__ASKER__VALUE__AI,
                                      .bus = service_topics_of(service, "auth", err),
                                      .feed = service_peers_of(service, "auth", err),
                                      .bus_keys = service->bus_keys};
    return auth.bus && auth.feed && names_follow(ai->names, &auth, err);
}

static bool follow_events(struct service *service, struct ai *ai, struct err *err)
{
    const struct games_source events = {service_topics_of(service, "events", err),
                                        service_peers_of(service, "events", err), service->bus_keys};
    return events.bus && events.feed && games_follow(ai->games, &events, err);
}

static bool join_replicas(struct service *service, struct ai *ai, struct err *err)
{
    static const char *const leases[] = {AI_ANSWERS, AI_LEARNS, AI_MATCHES, AI_PROJECTS, NULL};
    const struct replica_options options = {ai->store,     ai_tables, service->program->name,
                                            service->self, leases,    {0}};
    return replica_open(&ai->replica, &options, err);
}

static bool tell_auth(struct service *service, struct ai *ai, struct err *err)
{
    const struct replica_tell_options options = {
        .service = service->program->name,
        .id = replica_id(ai->replica),
        .self = CONSE__ASKER__VALUE__AI,
        .auth = service_peers_of(service, "auth", err),
        .bus_keys = service->bus_keys,
        .health = {service->metrics, service_is_ready, service, service->config}};
    return options.auth && replica_tell_start(&tell, &options, err);
}

static bool check_settings(struct err *err)
{
    if (!discord_check_settings(&settings.discord, err)) return false;
    return !*settings.llm.url || *settings.llm.model ||
           err_field(err, INVALID_FIELD, "CONSE_LLM_MODEL", "CONSE_LLM_MODEL must name the model to ask");
}

static bool ai_start_service(struct service *service, struct err *err)
{
    static struct ai ai;
    const struct ai_options options = {.store_url = service->store_url,
                                       .self = service->self,
                                       .events = service_peers_of(service, "events", err),
                                       .auth = service_peers_of(service, "auth", err),
                                       .chain = service_peers_of(service, "chain", err),
                                       .bus_keys = service->bus_keys,
                                       .settings = &settings,
                                       .metrics = service->metrics};
    if (!check_settings(err) || !options.events || !options.auth || !options.chain ||
        !ai_open(&ai, &options, err))
        return false;
    service->context = &ai;
    service->store = ai.store;
    const struct bus_publisher_options publisher = {.service = "ai",
                                                    .address = service->bus,
                                                    .bus_keys = service->bus_keys,
                                                    .generation = store_generation(ai.store)};
    if (join_replicas(service, &ai, err) && bus_publisher_open(&ai.publisher, &publisher, err) &&
        ai_start(&ai, err) && follow_auth(service, &ai, err) && follow_events(service, &ai, err) &&
        tell_auth(service, &ai, err))
        return true;
    ai_stop(service);
    return false;
}

int main(int argc, char **argv)
{
    const struct service_program program = {
        .name = "ai",
        .summary = "what finished games say of those who played them",
        .admin_port = 7445,
        .slow_queue = 64,
        .vars = ai_vars,
        .programs = conse_programs,
        .settings = &settings,
        .methods = ai_methods,
        .open = ai_start_service,
        .note = ai_note,
        .leave = ai_leave,
        .close = ai_stop,
    };
    return service_main(&program, argc, argv);
}
