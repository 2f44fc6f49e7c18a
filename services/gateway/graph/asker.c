#include "services/gateway/graph/asker.h"

#include "events.pb-c.h"
#include "lib/schema/schema.h"
#include "services/gateway/api/streams.h"
#include "services/gateway/auth/rights.h"
#include "services/gateway/presence/presence.h"
#include "services/gateway/presence/seeing.h"

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

// ---- What the gateway answers itself

// A word about presence, until it is known that its event may be seen.
struct saying {
    const struct asker *asker;
    struct question *question;
    const Events__SayPresenceRequest *said;
};

static void saying_end(const struct saying *saying, bool ok, struct err *err)
{
    const struct asker *asker = saying->asker;
    const Events__SayPresenceRequest *said = saying->said;
    ok = ok && presence_say(asker->graphs->lent.presence, said->event_id, asker->caller->claims.user_id,
                            *said->tab ? presence_tab(said->tab) : asker->tab, said->away, err);
    gql_run_answer(saying->question, ok ? NULL : err, NULL, 0);
}

static void on_seen(void *arg, const struct ask_reply *reply)
{
    const struct saying *saying = arg;
    struct err err = {0};
    if (reply->err) return gql_run_answer(saying->question, reply->err, NULL, 0);
    saying_end(saying, seeing_judge(reply->payload, reply->len, saying->asker->arena, &err), &err);
}

static struct saying *saying_make(const struct asker *asker, struct question *question,
                                  const struct gql_ask *asked, struct err *err)
{
    struct saying *saying = arena_new(asker->arena, struct saying);
    const Events__SayPresenceRequest *said = events__say_presence_request__unpack(
        &asker->arena->allocator, asked->payload.len, asked->payload.data);
    if (!saying || !said) return err_fail(err, CALL_TOO_LARGE, "the operation takes too much memory"), NULL;
    *saying = (struct saying){asker, question, said};
    return schema_check(&said->base, err) ? saying : NULL;
}

// Answers at once when it is known already that they may see the event.
static uint64_t say_presence(const struct asker *asker, struct question *question,
                             const struct gql_ask *asked)
{
    struct err err = {0};
    const struct graphs_options *lent = &asker->graphs->lent;
    const struct token_claims *claims = &asker->caller->claims;
    struct ask ask = {.caller = asker->caller,
                      .method = schema_method(SEEING_METHOD),
                      .service = lent->events,
                      .trace = asker->trace,
                      .deadline_ms = asker->deadline_ms};
    struct saying *saying = saying_make(asker, question, asked, &err);
    if (!saying) return gql_run_answer(question, &err, NULL, 0), 0;
    ask.stream = saying->said->event_id;
    if (presence_has(lent->presence, ask.stream, claims->user_id)) return saying_end(saying, true, &err), 0;
    const struct seeing_who who = {ask.stream, claims->user_id, claims->level};
    if (!seeing_ask(&who, asker->arena, &ask.payload, &err)) return saying_end(saying, false, &err), 0;
    return gateway_ask(lent->asks, &ask, on_seen, saying);
}

// ---- Asking

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
    if (route == streams_saying()) return say_presence(asker, question, asked);
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
