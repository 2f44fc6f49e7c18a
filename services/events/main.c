// conse-events: the catalogue, groups, decks, and the games.
#include "lib/audit/tell.h"
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "lib/replica/tell.h"
#include "lib/service/service.h"
#include "services/events/handlers/handlers.h"
#include "services/events/live/signer.h"
#include "services/events/money/hear.h"
#include "services/events/tables.h"
#include "services/events/topics/peers.h"
#include "services/known.h"

static struct events_settings settings;

static struct replica_tell *tell;
static struct audit_tell *audit_tell;

static void events_leave(struct service *service)
{
    const struct events *events = service->context;
    replica_leave(events->replica);
}

static void events_stop(struct service *service)
{
    replica_tell_stop(tell);
    audit_tell_stop(audit_tell);
    events_close(service->context);
}

static bool follow_auth(struct service *service, struct events *events, struct err *err)
{
    const struct names_source auth = {.self = CONSE__ASKER__VALUE__EVENTS,
                                      .bus = service_topics_of(service, "auth", err),
                                      .feed = service_peers_of(service, "auth", err),
                                      .bus_keys = service->bus_keys};
    return auth.bus && auth.feed && names_follow(events->names, &auth, err) &&
           signer_follow(events->signer, auth.feed, auth.bus_keys, err);
}

static bool follow_chain(struct service *service, struct events *events, struct err *err)
{
    const struct payments_source chain = {.bus = service_topics_of(service, "chain", err),
                                          .feed = service_peers_of(service, "chain", err),
                                          .bus_keys = service->bus_keys};
    return chain.bus && chain.feed && payments_follow(events, &chain, err);
}

static bool follow_peers(struct service *service, struct events *events, struct err *err)
{
    const struct peers_source peers = {service_topics_of(service, "events", err), service->bus_keys};
    return peers.bus && events_peers_follow(events, &peers, err);
}

static bool join_replicas(struct service *service, struct events *events, struct err *err)
{
    static const char *const leases[] = {EVENTS_TIMERS, EVENTS_SWEEPS, EVENTS_PUSH, NULL};
    const struct replica_options options = {events->store, events_tables, service->program->name,
                                            service->self, leases,        {0}};
    return replica_open(&events->replica, &options, err);
}

static bool tell_auth(struct service *service, struct events *events, struct err *err)
{
    const struct replica_tell_options options = {
        .service = service->program->name,
        .id = replica_id(events->replica),
        .self = CONSE__ASKER__VALUE__EVENTS,
        .auth = service_peers_of(service, "auth", err),
        .bus_keys = service->bus_keys,
        .health = {service->metrics, service_is_ready, service, service->config}};
    const struct audit_tell_options audit = {events->audit, CONSE__ASKER__VALUE__EVENTS, options.auth,
                                             service->bus_keys};
    return options.auth && replica_tell_start(&tell, &options, err) &&
           audit_tell_start(&audit_tell, &audit, err);
}

static bool events_start_service(struct service *service, struct err *err)
{
    static struct events events;
    const struct events_options options = {.settings = &settings,
                                           .data_dir = service->data_dir,
                                           .store_url = service->store_url,
                                           .self = service->self,
                                           .metrics = service->metrics,
                                           .master_keys = service->master_keys};
    if (!events_open(&events, &options, err)) return false;
    service->context = &events;
    service->store = events.store;
    const struct bus_publisher_options publisher = {.service = "events",
                                                    .address = service->bus,
                                                    .bus_keys = service->bus_keys,
                                                    .generation = store_generation(events.store),
                                                    .store = events.store};
    if (join_replicas(service, &events, err) && bus_publisher_open(&events.publisher, &publisher, err) &&
        follow_auth(service, &events, err) && follow_peers(service, &events, err) &&
        events_start(&events, err) && follow_chain(service, &events, err) && tell_auth(service, &events, err))
        return true;
    events_stop(service);
    return false;
}

int main(int argc, char **argv)
{
    const struct service_program program = {
        .name = "events",
        .summary = "the catalogue, groups, decks, and the games",
        .admin_port = 7443,
        .vars = events_vars,
        .programs = conse_programs,
        .settings = &settings,
        .methods = events_methods,
        .open = events_start_service,
        .leave = events_leave,
        .close = events_stop,
    };
    return service_main(&program, argc, argv);
}
