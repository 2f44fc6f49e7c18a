// The log of an event, as its reader may see it.
#include "lib/base/clock.h"
#include "services/events/handlers/handlers.h"
#include "services/events/topics/event_log.h"
#include "services/events/topics/follow_reply.h"
#include "services/events/topics/places.h"

enum { LOG_LIMIT = 100 };

struct log_reader {
    struct command command;
    const Events__LogRequest *request;
    struct watcher watcher;
    struct cursor cursor;
    Events__Reset__Reason reset;
    bool ahead; // the reader has seen more than the copy has
};

static void judge_after(struct log_reader *r)
{
    const struct watched watched = {r->command.call->caller->user_id, r->command.game};
    r->reset = EVENTS__RESET__REASON__EPOCH;
    if (cursor_parse(r->request->after, &r->cursor))
        r->reset = watcher_judge(r->command.aggregate, &r->watcher, &watched, &r->cursor, &r->ahead);
}

static bool log_enter(struct log_reader *r, struct err *err)
{
    const Rpc__Caller *caller = r->command.call->caller;
    if (!command_begin(&r->command, err) || !command_look(&r->command, err)) return false;
    r->watcher = watcher_of(r->command.aggregate, caller->user_id, caller->level);
    r->command.call->again_ms = watcher_due_ms(r->command.aggregate, &r->watcher);
    r->ahead = false;
    if (*r->request->after) judge_after(r);
    return true;
}

// The log ends with what is known to be stored. What was on its way when the call came first is decided when
// it comes again.
static bool await_stored(const struct log_reader *r, struct err *err)
{
    struct rpc_call *call = r->command.call;
    uint64_t ticket = live_awaits(&r->command.aggregate->live, call->fresh_from_ns);
    if (!ticket || call->tries) return true;
    rpc_park(call, ticket);
    err_fail(err, SERVICE_BUSY, "a write is on its way");
    err->retry_after_s = 1;
    return false;
}

// Once more on a copy that the store confirms, when this one lacks what the reader has seen.
static bool log_begin(struct log_reader *r, struct err *err)
{
    if (!log_enter(r, err) || !await_stored(r, err)) return false;
    if (!r->ahead) return true;
    command_end(&r->command);
    r->command = (struct command){.call = r->command.call};
    r->command.call->fresh_from_ns = clock_mono_ns();
    if (!log_enter(r, err)) return false;
    if (r->ahead) r->reset = EVENTS__RESET__REASON__EPOCH;
    return true;
}

// The reader begins anew, from what they see now.
static bool log_reset(struct log_reader *r, Events__LogReply *reply, struct err *err)
{
    struct command *command = &r->command;
    struct viewer looks = class_looks(&r->watcher.class);
    uint64_t head = watcher_head(command->game, &r->watcher.eyes, UINT64_MAX);
    reply->event = events_show(command, &looks, command->call->caller->user_id);
    if (!follow_reply_reset(&reply->reset, r->reset, command->call->arena) || !reply->event)
        return filled(NULL, err);
    reply->next = head + 1;
    watcher_cursor(&r->watcher, head, command->call->cursor);
    reply->cursor = arena_str(command->call->arena, command->call->cursor);
    return filled(reply->cursor, err);
}

HANDLER(read_log, Events__LogRequest, Events__LogReply)
{
    struct log_reader r = {.command = {.call = call}, .request = request};
    size_t limit = request->limit ? (size_t)request->limit : LOG_LIMIT;
    if (*request->after && request->from)
        return err_field(err, INVALID_FIELD, "after", "a log is read from an index or after a cursor");
    bool ok = log_begin(&r, err);
    if (ok && r.reset)
        ok = log_reset(&r, reply, err);
    else if (ok)
        ok = event_log_read(&r.command, &r.watcher, *request->after ? r.cursor.offset + 1 : request->from,
                            limit, reply, err);
    command_end(&r.command);
    return ok;
}

const struct rpc_method log_methods[] = {
    RPC_METHOD("events.ReadLog", read_log),
    {0},
};
