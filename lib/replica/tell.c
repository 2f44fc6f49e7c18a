#include "lib/replica/tell.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/skew.h"
#include "lib/base/version.h"
#include "lib/replica/statement.h"
#include "lib/rpc/client.h"
#include "lib/thread/periodic.h"

enum { ASK_MS = 300, EVERY_MS = 3000, AGAIN_MS = 1000, ARENA = 64 << 10 };

struct replica_tell {
    struct replica_tell_options options;
    struct statement statement;
    struct health_meter meter;
    struct periodic *thread;
    struct rpc_client *client; // the thread's
    bool told;                 // the log has that auth does not hear it
};

static bool tell_connect(struct replica_tell *tell, struct err *err)
{
    const struct rpc_client_options options = {.service = "auth",
                                               .self = tell->options.self,
                                               .address = tell->options.auth,
                                               .bus_keys = tell->options.bus_keys};
    return tell->client || rpc_client_create(&tell->client, &options, err);
}

void replica_tell_compare(int64_t agreed_ms, int64_t took_ms, int64_t now_ms)
{
    bool was_off = skew_is_off();
    if (agreed_ms) skew_note(now_ms - took_ms / 2 - agreed_ms, took_ms / 2);
    if (skew_is_off() == was_off) return;
    if (was_off)
        log_info("the clock agrees with the others again");
    else
        log_warn("the clock is off: this process is not ready", F_INT("ahead_ms", skew_offset_ms()));
}

static bool tell_ask(struct replica_tell *tell, struct arena *arena, struct err *err)
{
    Replica__TellRequest request = REPLICA__TELL_REQUEST__INIT;
    struct statement_message statement;
    struct health health;
    struct health_message shown;
    ProtobufCMessage *reply;
    statement_show(&tell->statement, &statement);
    health_measure(&tell->meter, &health);
    health_show(&health, &shown);
    if (health.known) request.health = &shown.message;
    if (tell->options.health.config) request.config = tell->options.health.config;
    request.statement = &statement.message;
    request.format = CONSE_FORMAT;
    request.clock_ms = clock_unix_ms();
    int64_t asked_ms = clock_mono_ms();
    if (!rpc_client_ask(tell->client, "auth.TellProcess", NULL, &request.base, ASK_MS, arena, &reply, err))
        return false;
    replica_tell_compare(((Replica__TellReply *)reply)->clock_ms, clock_mono_ms() - asked_ms,
                         clock_unix_ms());
    return true;
}

static int64_t tell_work(void *arg)
{
    struct replica_tell *tell = arg;
    struct arena arena;
    struct err err;
    arena_init(&arena, ARENA);
    bool ok =
        statement_measure(&tell->statement, &err) && tell_connect(tell, &err) && tell_ask(tell, &arena, &err);
    arena_finish(&arena);
    if (!ok && !tell->told) log_err(LOG_INFO, "auth does not list this process", &err);
    tell->told = !ok;
    return ok ? EVERY_MS : AGAIN_MS;
}

bool replica_tell_start(struct replica_tell **out, const struct replica_tell_options *options,
                        struct err *err)
{
    char drawn[STATEMENT_ID];
    struct replica_tell *tell = calloc(1, sizeof *tell);
    if (!tell) return err_fail(err, INTERNAL_ERROR, "out of memory");
    tell->options = *options;
    tell->meter.source = options->health;
    statement_draw_id(drawn);
    statement_begin(&tell->statement, options->service, options->id ? options->id : drawn);
    *out = tell;
    return periodic_start(&tell->thread, "tell", 0, tell_work, tell, err);
}

void replica_tell_stop(struct replica_tell *tell)
{
    if (!tell) return;
    periodic_stop(tell->thread);
    rpc_client_destroy(tell->client);
    free(tell);
}
