// conse-chain: the ledger.
#include "lib/audit/tell.h"
#include "lib/names/names.h"
#include "lib/replica/replica.h"
#include "lib/replica/tell.h"
#include "lib/service/service.h"
#include "services/chain/certifier.h"
#include "services/chain/chain.h"
#include "services/chain/handlers/handlers.h"
#include "services/chain/peers.h"
#include "services/chain/rewards/coins.h"
#include "services/chain/rewards/learn.h"
#include "services/chain/seats/learn.h"
#include "services/chain/tables.h"
#include "services/known.h"

static struct chain_settings settings;

static struct replica_tell *tell;
static struct audit_tell *audit_tell;

static void chain_leave(struct service *service)
{
    const struct chain *chain = service->context;
    replica_leave(chain->replica);
}

static void chain_stop(struct service *service)
{
    replica_tell_stop(tell);
    audit_tell_stop(audit_tell);
    chain_close(service->context);
}

static bool follow_auth(struct service *service, struct chain *chain, struct err *err)
{
    const struct names_source auth = {.self = CONSE__ASKER__VALUE__CHAIN,
                                      .bus = service_topics_of(service, "auth", err),
                                      .feed = service_peers_of(service, "auth", err),
                                      .bus_keys = service->bus_keys};
    return auth.bus && auth.feed && names_follow(chain->names, &auth, err);
}

static bool follow_events(struct service *service, struct chain *chain, struct err *err)
{
    const struct book_peers events = {service_topics_of(service, "events", err),
                                      service_peers_of(service, "events", err), service->bus_keys};
    return events.bus && events.feed && seats_follow(chain, &events, err) &&
           rewards_follow(chain, &events, err);
}

static bool follow_ai(struct service *service, struct chain *chain, struct err *err)
{
    const struct book_peers ai = {service_topics_of(service, "ai", err), service_peers_of(service, "ai", err),
                                  service->bus_keys};
    return ai.bus && ai.feed && coins_follow(chain, &ai, err);
}

static bool follow_peers(struct service *service, struct chain *chain, struct err *err)
{
    const struct peers_source peers = {service_topics_of(service, "chain", err), service->bus_keys};
    return peers.bus && chain_peers_follow(chain, &peers, err);
}

static bool follow_identity(struct service *service, struct chain *chain, struct err *err)
{
    const struct certifier_source source = {chain->keys, service_peers_of(service, "auth", err),
                                            service->bus_keys};
    return source.auth && certifier_start(&chain->certifier, &source, err);
}

static bool join_replicas(struct service *service, struct chain *chain, struct err *err)
{
    static const char *const leases[] = {CHAIN_PROJECTS, NULL};
    const struct replica_options options = {chain->store,  chain_tables, service->program->name,
                                            service->self, leases,       {0}};
    return replica_open(&chain->replica, &options, err);
}

static bool tell_auth(struct service *service, struct chain *chain, struct err *err)
{
    const struct replica_tell_options options = {
        .service = service->program->name,
        .id = replica_id(chain->replica),
        .self = CONSE__ASKER__VALUE__CHAIN,
        .auth = service_peers_of(service, "auth", err),
        .bus_keys = service->bus_keys,
        .health = {service->metrics, service_is_ready, service, service->config}};
    const struct audit_tell_options audit = {chain->audit, CONSE__ASKER__VALUE__CHAIN, options.auth,
                                             service->bus_keys};
    return options.auth && replica_tell_start(&tell, &options, err) &&
           audit_tell_start(&audit_tell, &audit, err);
}

static bool chain_start_service(struct service *service, struct err *err)
{
    static struct chain chain;
    const struct chain_options options = {.settings = &settings,
                                          .data_dir = service->data_dir,
                                          .store_url = service->store_url,
                                          .self = service->self,
                                          .metrics = service->metrics,
                                          .master_keys = service->master_keys};
    if (!chain_open(&chain, &options, err)) return false;
    service->context = &chain;
    service->store = chain.store;
    const struct bus_publisher_options publisher = {.service = "chain",
                                                    .address = service->bus,
                                                    .bus_keys = service->bus_keys,
                                                    .generation = store_generation(chain.store)};
    if (join_replicas(service, &chain, err) && bus_publisher_open(&chain.publisher, &publisher, err) &&
        follow_auth(service, &chain, err) && follow_peers(service, &chain, err) && chain_start(&chain, err) &&
        follow_events(service, &chain, err) && follow_ai(service, &chain, err) &&
        follow_identity(service, &chain, err) && tell_auth(service, &chain, err))
        return true;
    chain_stop(service);
    return false;
}

int main(int argc, char **argv)
{
    const struct service_program program = {
        .name = "chain",
        .summary = "the ledger: what people have, and how it moves",
        .admin_port = 7444,
        .vars = chain_vars,
        .programs = conse_programs,
        .settings = &settings,
        .methods = chain_methods,
        .open = chain_start_service,
        .leave = chain_leave,
        .close = chain_stop,
    };
    return service_main(&program, argc, argv);
}
