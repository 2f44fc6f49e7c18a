#include "services/gateway/call/waiting.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"

#include <string.h>

#include "google/protobuf/duration.pb-c.h"
#include "lib/base/passport.h"
#include "lib/base/stamp.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/stream/waits.h"

enum { DEADLINE_MARGIN_MS = 2000 };

struct waiting {
    struct wait wait;
    ProtobufCBinaryData reply; // the last one, without news
};

static int64_t take_wait_ms(const struct call *call, ProtobufCMessage *request)
{
    return duration_ms((Google__Protobuf__Duration *)schema_take_message(request, call->method->wait));
}

static void ask_again(void *arg) { call_send(arg); }

static void waiting_answer_late(void *arg) { waiting_answer(arg); }

// What is public, and what this caller alone is told; who may be the event's god hears what that hears.
static void plan_streams(const struct call *call, struct wait_plan *plan)
{
    const struct token_claims *claims = &call->caller.claims;
    struct arena *arena = (struct arena *)&call->arena;
    const char *event_id = route_peer(call->match.route, &call->match);
    plan->streams[0] = arena_printf(arena, "events.%s.public", event_id);
    plan->streams[1] = arena_printf(arena, "users.%s", claims->user_id);
    plan->streams[2] = claims->level <= LEVEL_GOD ? arena_printf(arena, "events.%s.god", event_id) : NULL;
}

void waiting_begin(struct call *call, ProtobufCMessage *request)
{
    struct wait_plan plan = {
        .wait_ms = take_wait_ms(call, request), .again = ask_again, .over = waiting_answer_late, .arg = call};
    if (plan.wait_ms <= 0) return;
    struct waiting *waiting = arena_new(&call->arena, struct waiting);
    plan_streams(call, &plan);
    if (!call->arena.failed && wait_begin(&waiting->wait, call->lent->waits, &plan)) call->waiting = waiting;
}

// No news: the list of the reply is empty.
static bool is_empty(struct call *call, const uint8_t *reply, size_t len)
{
    ProtobufCMessage *message =
        protobuf_c_message_unpack(call->method->reply, &call->arena.allocator, len, reply);
    return message && schema_count(message, call->method->news) == 0;
}

static void waiting_park(struct call *call)
{
    call_move(call, CALL_PARKED);
    http_park(call->http, call->waiting->wait.until_ms + DEADLINE_MARGIN_MS);
}

bool waiting_keep(struct call *call, const uint8_t *reply, size_t len)
{
    struct waiting *waiting = call->waiting;
    if (!is_empty(call, reply, len)) return false;
    waiting->reply = (ProtobufCBinaryData){len, arena_copy(&call->arena, reply, len)};
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
    if (waiting) wait_end(&waiting->wait);
}
