#include "services/gateway/call/presence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events.pb-c.h"
#include "lib/base/log.h"
#include "lib/schema/schema.h"
#include "services/gateway/api/assemble.h"
#include "services/gateway/api/negotiate.h"
#include "services/gateway/call/call.h"
#include "services/gateway/call/calls.h"
#include "services/gateway/call/reply.h"
#include "services/gateway/feed/feed.h"
#include "services/gateway/presence/presence.h"
#include "services/gateway/presence/seeing.h"

// A viewer of the stream until it has begun.
struct looking {
    struct feed_viewer viewer;
    struct call *call;
    struct loop_timer timer;
    struct feed_item *state;
    char cursor[CURSOR_TEXT];
    struct err err;
    bool failed;
};

void presence_leave(struct call *call)
{
    struct looking *looking = call->looking;
    if (!looking) return;
    call->looking = NULL;
    loop_timer_clear(call->lent->loop, &looking->timer);
    feed_leave(&looking->viewer);
    feed_item_drop(looking->state);
    free(looking);
}

static void answer_state(struct looking *looking)
{
    struct call *call = looking->call;
    struct buf text;
    buf_init(&text, looking->state->json->len + 64);
    buf_printf(&text, "{\"presence\":");
    buf_append(&text, looking->state->json->bytes, looking->state->json->len);
    buf_printf(&text, "}");
    snprintf(call->cursor, sizeof call->cursor, "%s", looking->cursor);
    reply_text(call, "application/json", &text);
    buf_finish(&text);
}

static bool on_room(void *arg) { return arg; }

static size_t on_waiting(const void *arg)
{
    (void)arg;
    return 0; // it is one answer
}

static void on_deliver(void *arg, const struct feed_message *message)
{
    struct looking *looking = arg;
    if (message->kind == FEED_SNAPSHOT && !looking->state) {
        looking->state = feed_item_hold((struct feed_item *)message->item);
        snprintf(looking->cursor, sizeof looking->cursor, "%s", message->cursor);
    }
    if (message->kind != FEED_ERROR) return;
    looking->err = *message->err;
    looking->failed = true;
}

static void on_flush(void *arg)
{
    struct looking *looking = arg;
    struct err err = looking->err; // it ends with the answer
    log_trace(looking->call->trace.id);
    if (looking->failed) return reply_problem(looking->call, &err);
    if (looking->state) answer_state(looking);
}

static void on_remind(void *arg) { (void)arg; }

static void on_end(void *arg, enum feed_end why, int64_t retry_ms)
{
    const struct looking *looking = arg;
    struct err err;
    (void)retry_ms;
    if (why == FEED_DRAINING)
        err_fail(&err, SERVICE_DRAINING, "the gateway is shutting down");
    else
        err_fail(&err, TOKEN_INVALID, "the access token has ended");
    reply_problem(looking->call, &err);
}

static void on_late(void *arg)
{
    const struct looking *looking = arg;
    struct err err;
    err_fail(&err, DEADLINE_PASSED, "events did not answer in time");
    reply_problem(looking->call, &err);
}

static const struct feed_transport transport = {on_room,   on_waiting, on_deliver, on_flush,
                                                on_remind, on_end,     NULL};

static bool may_ask(const struct call *call, struct err *err)
{
    const struct target *target = &call->target;
    if (!call->caller.known) return err_fail(err, TOKEN_INVALID, "an access token is needed");
    return target->parameter_count == 0 ||
           err_field(err, MALFORMED, target->parameters[0].name, "there is no such parameter");
}

static bool look_at_event(struct looking *looking, const char *event_id, struct err *err)
{
    struct call *call = looking->call;
    char topic[FEED_TOPIC_SIZE];
    snprintf(topic, sizeof topic, "presence:%s", event_id);
    if (!feed_check_topic(topic, true, err)) return err_field(err, INVALID_FIELD, "event_id", "is not an id");
    return feed_join(call->lent->streams, &looking->viewer, &transport, looking, &call->caller, err) &&
           feed_subscribe(&looking->viewer, topic, "", err);
}

void presence_answer(struct call *call)
{
    struct err err;
    struct looking *looking = calloc(1, sizeof *looking);
    if (!looking) abort();
    looking->call = call;
    looking->timer = (struct loop_timer){.fire = on_late, .arg = looking};
    call->looking = looking;
    call_move(call, CALL_LOOKING);
    if (!may_ask(call, &err) || !look_at_event(looking, call->match.params[0], &err))
        return reply_problem(call, &err);
    loop_timer_set(call->lent->loop, &looking->timer, call_deadline_ms(call));
}

// ---- What a page says of itself

static bool read_word(struct call *call, struct err *err)
{
    static const struct schema_method method = {.request = &events__say_presence_request__descriptor};
    const struct assembly assembly = {.method = &method,
                                      .param_names = call->match.route->params,
                                      .param_values = call->match.params,
                                      .target = &call->target,
                                      .takes_body = true,
                                      .media = negotiate_content_type(call->http->headers.content_type),
                                      .body = call->http->body,
                                      .body_len = call->http->body_len};
    return assemble(&assembly, &call->arena, &call->said, err) && schema_check(call->said, err);
}

static const Events__SayPresenceRequest *word_of(const struct call *call)
{
    return (const Events__SayPresenceRequest *)call->said;
}

static void take_word(struct call *call)
{
    const Events__SayPresenceRequest *said = word_of(call);
    struct err err;
    if (presence_say(call->lent->presence, said->event_id, call->caller.claims.user_id,
                     presence_tab(said->tab), said->away, &err))
        return reply_nothing(call);
    reply_problem(call, &err);
}

static void on_seen(void *arg, const struct ask_reply *reply)
{
    struct call *call = arg;
    struct err err;
    log_trace(call->trace.id);
    if (reply->err) return reply_problem(call, reply->err);
    if (!seeing_judge(reply->payload, reply->len, &call->arena, &err)) return reply_problem(call, &err);
    take_word(call);
}

// Events says whether there is such an event, for this caller.
static void ask_whether_seen(struct call *call)
{
    struct err err;
    const struct token_claims *claims = &call->caller.claims;
    const struct seeing_who who = {word_of(call)->event_id, claims->user_id, claims->level};
    if (!seeing_ask(&who, &call->arena, &call->packed, &err)) return reply_problem(call, &err);
    const struct ask ask = {.caller = &call->caller,
                            .method = schema_method(SEEING_METHOD),
                            .service = call->lent->events,
                            .payload = call->packed,
                            .trace = call->trace.parent,
                            .stream = word_of(call)->event_id,
                            .deadline_ms = call_deadline_ms(call)};
    call_move(call, CALL_ASKED);
    call->ask_id = gateway_ask(call->lent->asks, &ask, on_seen, call);
}

void presence_take(struct call *call)
{
    struct err err;
    if (!call->caller.known) {
        err_fail(&err, TOKEN_INVALID, "an access token is needed");
        return reply_problem(call, &err);
    }
    if (!read_word(call, &err)) return reply_problem(call, &err);
    // What was found out holds for as long as it is remembered that they are there.
    if (presence_has(call->lent->presence, word_of(call)->event_id, call->caller.claims.user_id))
        return take_word(call);
    ask_whether_seen(call);
}
