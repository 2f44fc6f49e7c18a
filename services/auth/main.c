// conse-auth: accounts, tokens, one-time codes, wallets.
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/replica/replica.h"
#include "lib/service/service.h"
#include "services/auth/handlers/handlers.h"
#include "services/auth/names.h"
#include "services/auth/otp/otp.h"
#include "services/auth/tokens/revocations.h"
#include "services/auth/sweeper.h"
#include "services/known.h"

static struct auth_settings settings;

static void auth_leave(struct service *service)
{
    const struct auth *auth = service->context;
    replica_leave(auth->replica);
}

static void auth_stop(struct service *service)
{
    struct auth *auth = service->context;
    sweeper_stop(auth->sweeper);
    bus_publisher_close(auth->publisher);
    auth_close(auth);
}

// Without room all stay owed, and the sweeper writes them when there is some.
static bool catch_up(struct auth *auth, struct err *err)
{
    if (!revocations_catch_up(auth, clock_unix_ms(), err) && !err_is(err, STORE_FULL)) return false;
    if (!audit_collect(auth->audit, err) && !err_is(err, STORE_FULL)) return false;
    return names_catch_up(auth, err) || err_is(err, STORE_FULL);
}

static bool join_replicas(struct service *service, struct auth *auth, struct err *err)
{
    static const char *const leases[] = {AUTH_SWEEP, NULL};
    const struct replica_options options = {
        auth->store,   auth_tables, service->program->name,
        service->self, leases,      {service->metrics, service_is_ready, service, service->config}};
    return replica_open(&auth->replica, &options, err);
}

static bool auth_start(struct service *service, struct err *err)
{
    static struct auth auth;
    const struct auth_options options = {.settings = &settings,
                                         .data_dir = service->data_dir,
                                         .store_url = service->store_url,
                                         .self = service->self,
                                         .metrics = service->metrics,
                                         .master_keys = service->master_keys};
    if (!auth_open(&auth, &options, err)) return false;
    service->context = &auth;
    service->store = auth.store;
    auth.bus_keys = service->bus_keys;
    const struct bus_publisher_options publisher = {.service = "auth",
                                                    .address = service->bus,
                                                    .bus_keys = service->bus_keys,
                                                    .generation = store_generation(auth.store),
                                                    .store = auth.store};
    if (settings.otp_driver == OTP_LOG)
        log_warn("one-time codes go to the log; set CONSE_OTP_DRIVER for production");
    auth.chain = service_peers_of(service, "chain", err);
    if (auth.chain && join_replicas(service, &auth, err) &&
        token_keys_reload(auth.tokens, clock_unix_ms(), err) && keyring_follow(auth.keys, err) &&
        bus_publisher_open(&auth.publisher, &publisher, err) && catch_up(&auth, err) &&
        replica_start(auth.replica, err) && sweeper_start(&auth.sweeper, &auth, err))
        return true;
    auth_stop(service);
    return false;
}

// SIGHUP: keys that an operator has moved or removed.
static void auth_reload(struct service *service)
{
    struct auth *auth = service->context;
    struct err err;
    if (token_keys_reload(auth->tokens, clock_unix_ms(), &err))
        log_info("token keys read again");
    else
        log_err(LOG_ERROR, "token keys stay as they were", &err);
}

int main(int argc, char **argv)
{
    const struct service_program program = {
        .name = "auth",
        .summary = "accounts, tokens, one-time codes and wallets",
        .admin_port = 7442,
        .slow_queue = 128,
        .vars = auth_vars,
        .programs = conse_programs,
        .settings = &settings,
        .methods = auth_methods,
        .open = auth_start,
        .leave = auth_leave,
        .close = auth_stop,
        .reload = auth_reload,
    };
    return service_main(&program, argc, argv);
}
