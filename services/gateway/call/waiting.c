#include "services/gateway/call/waiting.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"

#include <string.h>

#include "auth.pb-c.h"
#include "google/protobuf/duration.pb-c.h"
#include "lib/base/stamp.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/stream/waits.h"

enum { DEADLINE_MARGIN_MS = 2000 };

struct waiting {
    struct wait wait;
    ProtobufCBinaryData reply; // the last one, without news
};

static int64_t take_wait_ms(ProtobufCMessage *request)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(request->descriptor, "wait");
    Google__Protobuf__Duration **slot = (Google__Protobuf__Duration **)((char *)request + field->offset);
    int64_t wait_ms = duration_ms(*slot);
    *slot = NULL;
    return wait_ms;
}

static void ask_again(void *arg) { call_send(arg); }

static void waiting_answer_late(void *arg) { waiting_answer(arg); }

// What is public, and what this caller alone is told; who may be the event's god hears what that hears.
static void plan_streams(const struct call *call, struct wait_plan *plan)
{
    const struct token_claims *claims = &call->caller.claims;
    struct arena *arena = (struct arena *)&call->arena;
    bool leads = claims->level == AUTH__LEVEL__VALUE__GOD || claims->level == AUTH__LEVEL__VALUE__DEV;
    plan->streams[0] = arena_printf(arena, "events.%s.public", call->match.params[0]);
    plan->streams[1] = arena_printf(arena, "users.%s", claims->user_id);
    plan->streams[2] = leads ? arena_printf(arena, "events.%s.god", call->match.params[0]) : NULL;
}

void waiting_begin(struct call *call, ProtobufCMessage *request)
{
    struct wait_plan plan = {
        .wait_ms = take_wait_ms(request), .again = ask_again, .over = waiting_answer_late, .arg = call};
    if (plan.wait_ms <= 0) return;
    struct waiting *waiting = arena_new(&call->arena, struct waiting);
    plan_streams(call, &plan);
    if (!call->arena.failed && wait_begin(&waiting->wait, call->lent->waits, &plan)) call->waiting = waiting;
}

// No news: the list of the reply is empty.
static bool is_empty(struct call *call, const uint8_t *reply, size_t len)
{
    const ProtobufCFieldDescriptor *list = call->facts.news;
    ProtobufCMessage *message =
        protobuf_c_message_unpack(call->method->reply, &call->arena.allocator, len, reply);
    return message && *(const size_t *)((const char *)message + list->quantifier_offset) == 0;
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
