#include "services/gateway/call/waiting.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"

#include <assert.h>
#include <string.h>

#include "google/protobuf/duration.pb-c.h"
#include "lib/schema/passport.h"
#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/feed/feed.h"
#include "services/gateway/stream/waits.h"

enum { DEADLINE_MARGIN_MS = 2000 };

struct waiting {
    struct wait wait;
    const char *leaders; // a stream that is heard once a reply says that the caller leads; NULL: none
    bool hears_leaders, hears_named;
    ProtobufCBinaryData reply; // the last one, without news
};

static int64_t take_wait_ms(const struct call *call, ProtobufCMessage *request)
{
    return duration_ms((Google__Protobuf__Duration *)schema_take_message(request, call->method->wait));
}

static void ask_again(void *arg) { call_send(arg); }

static bool still_holds(void *arg)
{
    const struct call *call = arg;
    return !call->caller.known || !access_is_revoked(call->lent->access, &call->caller.claims);
}

static void waiting_answer_late(void *arg) { waiting_answer(arg); }

// The streams that the caller may hear. That of leaders waits for a reply: a level does not make a leader,
// and who was woken by what they cannot see would know that it happened.
static void plan_streams(struct call *call, const ProtobufCMessage *request, struct wait_plan *plan,
                         const char **leaders)
{
    const struct token_claims *claims = &call->caller.claims;
    size_t count = 0;
    for (const struct schema_listen *listen = call->method->listens; listen->before; listen++) {
        if (!passport_reaches(listen->level, claims->level)) continue;
        const char *id = listen->field ? schema_text(request, listen->field) : claims->user_id;
        const char *stream = arena_printf(&call->arena, "%s%s%s", listen->before, id, listen->after);
        assert(count < WAIT_STREAMS_MOST);
        if (listen->leaders)
            *leaders = stream;
        else
            plan->streams[count++] = stream;
    }
}

void waiting_begin(struct call *call, ProtobufCMessage *request)
{
    struct wait_plan plan = {.wait_ms = take_wait_ms(call, request),
                             .again = ask_again,
                             .over = waiting_answer_late,
                             .holds = still_holds,
                             .arg = call};
    if (plan.wait_ms <= 0) return;
    struct waiting *waiting = arena_new(&call->arena, struct waiting);
    if (!waiting) return;
    plan.anonymous = !call->caller.claims.level;
    plan_streams(call, request, &plan, &waiting->leaders);
    if (call->arena.failed || !feed_take_wait(call->lent->streams, &call->caller)) return;
    if (wait_begin(&waiting->wait, call->lent->waits, &plan))
        call->waiting = waiting;
    else
        feed_give_wait(call->lent->streams, &call->caller);
}

// No news: the list of the reply is empty, and nothing says that the caller begins anew.
static bool is_empty(const struct call *call, const ProtobufCMessage *reply)
{
    const struct schema_method *method = call->method;
    return reply && schema_count(reply, method->news) == 0 &&
           !(method->breaks && schema_has(reply, method->breaks));
}

// Who leads no more is answered at once: they wait no longer by what they may not see.
static bool hear_leaders(struct call *call, const ProtobufCMessage *reply)
{
    struct waiting *waiting = call->waiting;
    const char *stream = waiting->leaders;
    bool leads = stream && schema_is_true(reply, call->method->leads);
    if (leads == waiting->hears_leaders) return true;
    if (!leads) return false;
    waiting->hears_leaders = true;
    return wait_hear(&waiting->wait, stream);
}

// The stream that a reply names, which may have had news since.
static bool hear_named(struct call *call, const ProtobufCMessage *reply)
{
    struct waiting *waiting = call->waiting;
    uint8_t field = call->method->news_stream;
    const char *stream = field ? schema_text(reply, field) : "";
    if (!*stream || waiting->hears_named) return true;
    waiting->hears_named = true;
    return wait_hear(&waiting->wait, stream);
}

static void waiting_park(struct call *call)
{
    call_move(call, CALL_PARKED);
    http_park(call->http, call->waiting->wait.until_ms + DEADLINE_MARGIN_MS);
}

bool waiting_keep(struct call *call, const struct ask_reply *reply)
{
    struct waiting *waiting = call->waiting;
    const ProtobufCMessage *message =
        protobuf_c_message_unpack(call->method->reply, &call->arena.allocator, reply->len, reply->payload);
    if (!is_empty(call, message) || !hear_leaders(call, message) || !hear_named(call, message)) return false;
    waiting->reply = (ProtobufCBinaryData){reply->len, arena_copy(&call->arena, reply->payload, reply->len)};
    if (reply->again_ms) wait_expect(&waiting->wait, reply->again_ms - clock_unix_ms());
    if (!waiting->reply.data || !wait_park(&waiting->wait)) return false;
    waiting_park(call);
    return true;
}

bool waiting_retry(struct call *call, const struct err *err)
{
    struct waiting *waiting = call->waiting;
    if (err_code(err) != CONSE__CODE__UNAVAILABLE || !waiting->reply.data || !wait_retry(&waiting->wait))
        return false;
    waiting_park(call);
    return true;
}

void waiting_answer(struct call *call)
{
    const struct waiting *waiting = call->waiting;
    reply_message(call, waiting->reply.data, waiting->reply.len);
}

void waiting_unpark(struct call *call) { wait_unpark(&call->waiting->wait); }

void waiting_end(struct call *call)
{
    struct waiting *waiting = call->waiting;
    call->waiting = NULL;
    if (!waiting) return;
    wait_end(&waiting->wait);
    feed_give_wait(call->lent->streams, &call->caller);
}
