#include "services/gateway/graph/asker.h"

#include "services/gateway/api/streams.h"
#include "services/gateway/auth/rights.h"

enum {
    UNPACKED = 4, // times that a reply may grow when it is taken apart
    BUSY_RETRY_S = 2,
};

static bool host_may(void *arg, const struct route *route, struct err *err)
{
    const struct asker *asker = arg;
    if (route == streams_renewal() && !asker->renew)
        return err_fail(err, UPGRADE_REQUIRED, "a token is renewed on the WebSocket that it is for");
    return rights_may(asker->caller, route, asker->graphs->lent.feed, err) &&
           rights_draw(asker->caller, route, asker->graphs->lent.limits, err);
}

// What the run took since it was last counted.
static void asker_count(struct asker *asker)
{
    size_t used = asker->arena->used_bytes;
    atomic_fetch_add(&asker->graphs->lent.budget->held, used - asker->held);
    asker->held = used;
}

static bool has_memory(const struct asker *asker, size_t len, struct err *err)
{
    const struct graph_budget *budget = asker->graphs->lent.budget;
    if (atomic_load(&budget->held) + len * UNPACKED <= budget->most) return true;
    err_fail(err, SERVICE_BUSY, "too many replies are being joined");
    err->retry_after_s = BUSY_RETRY_S;
    return false;
}

// A write that took effect is always told.
static void on_reply(void *arg, const struct ask_reply *reply)
{
    struct question *question = arg;
    const struct asker *asker = gql_question_host(question);
    const struct err *why = reply->err;
    struct err err;
    if (!why && !gql_run_writes(asker->run) && !has_memory(asker, reply->len, &err)) why = &err;
    gql_run_answer(question, why, reply->payload, reply->len);
}

static uint64_t host_ask(void *arg, const struct gql_ask *asked, struct question *question)
{
    struct asker *asker = arg;
    const struct route *route = asked->route;
    bool open = route->level == CONSE__METHOD__LEVEL__PUBLIC;
    const char *user_id = asker->caller->claims.user_id;
    struct ask ask = {
        .caller = open ? &asker->nobody : asker->caller,
        .method = route->method,
        .service = route->service,
        .payload = asked->payload,
        .key = asked->key,
        .trace = asker->trace,
        .stream = asked->stream,
        .deadline_ms = asker->deadline_ms,
        .tells_address = route->auth_limited,
    };
    if (route == streams_renewal()) return asker->renew(asker->arg, question, asked), 0;
    if (!ask.stream && route->method->class == CONSE__CLASS__WRITE && !open && *user_id) ask.stream = user_id;
    return gateway_ask(asker->graphs->lent.asks, &ask, on_reply, question);
}

static void host_cancel(void *arg, uint64_t id)
{
    const struct asker *asker = arg;
    gateway_ask_cancel(asker->graphs->lent.asks, id);
}

static void host_took(void *arg) { asker_count(arg); }

static void host_done(void *arg)
{
    const struct asker *asker = arg;
    asker->done(asker->arg);
}

struct gql_run *asker_begin(struct asker *asker, const struct gql_request *request,
                            struct gql_refusal *refusal)
{
    const struct gql_host host = {asker, host_may, host_ask, host_cancel, host_took, host_done};
    asker->nobody = (struct caller){.address = asker->caller->address, .household = asker->caller->household};
    asker->run = gql_run_create(asker->graphs->lent.schema, request, &host, asker->arena, refusal);
    if (asker->run) asker_count(asker);
    return asker->run;
}

void asker_finish(struct asker *asker)
{
    gql_run_finish(asker->run);
    atomic_fetch_sub(&asker->graphs->lent.budget->held, asker->held);
    asker->run = NULL;
    asker->held = 0;
}
