// What was said in rooms, shorter.
#include <string.h>

#include "events.pb-c.h"
#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/handlers/line.h"
#include "services/ai/llm/teller.h"
#include "services/ai/summaries/extract.h"
#include "services/ai/summaries/willing.h"
#include "services/ai/summaries/window.h"

enum { READ_MS = 10000, HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

// ---- Asking events

static bool ask_line(void *line, const char *method, const ProtobufCMessage *request, struct arena *arena,
                     ProtobufCMessage **reply, struct err *err)
{
    return line_ask(line, method, request, arena, reply, err);
}

static bool read_by(struct line *line, const Ai__SummarizeRequest *request, int64_t since_ms,
                    struct window *window, struct err *err)
{
    const struct window_source source = {ask_line, line};
    if (*request->room_id) return window_read_room(window, &source, request->room_id, since_ms, err);
    return window_read_event(window, &source, request->event_id, since_ms, err);
}

// ---- What the language model may see

static bool is_hidden(const char *room_id) { return strcmp(room_id + UUID_LEN + 1, "table") != 0; }

static bool has_hidden(const struct window *window)
{
    for (size_t i = 0; i < window->count; i++)
        if (is_hidden(window->messages[i].room_id)) return true;
    return false;
}

// All rooms of a window are of one event.
static bool is_done(struct line *line, const struct window *window, struct arena *arena)
{
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct err err = {0};
    request.event_id = arena_strn(arena, window->messages[0].room_id, UUID_LEN);
    if (!request.event_id || !line_ask(line, "events.GetEvent", &request.base, arena, &reply, &err))
        return false;
    const Events__Event *event = ((const Events__EventReply *)reply)->event;
    return event && event->state == EVENTS__EVENT__STATE__DONE;
}

// The model is asked with what of the window it may read, if there is anything.
static Ai__Summary__Because ask_model(struct rpc_call *call, struct line *line, struct window *window,
                                      struct window *willing, struct bullets *bullets)
{
    struct ai *ai = call->service;
    const struct llm_settings *settings = &ai->settings.llm;
    const struct budget budget = {ai->store, settings, call->caller->user_id, call->now_ms / DAY_MS};
    struct err err = {0};
    if (!*settings->url) return AI__SUMMARY__BECAUSE__NO_MODEL;
    if (window->count && has_hidden(window) && !is_done(line, window, call->arena))
        return AI__SUMMARY__BECAUSE__HIDDEN;
    if (!window_pick(window, willing_account, ai->names, willing, &err)) return willing_why_not(&err);
    if (!willing->count)
        return window->count ? AI__SUMMARY__BECAUSE__KEPT_BACK : AI__SUMMARY__BECAUSE__BECAUSE_UNSPECIFIED;
    return teller_bullets(&budget, clock_mono_ms() + settings->timeout_ms, willing, bullets);
}

static bool sum_up(struct rpc_call *call, struct line *line, struct window *window, struct window *willing,
                   struct bullets *bullets, Ai__Summary *reply, struct err *err)
{
    reply->because = ask_model(call, line, window, willing, bullets);
    const bool told = !reply->because && willing->count;
    reply->method = told ? AI__SUMMARY__METHOD__LLM : AI__SUMMARY__METHOD__EXTRACTIVE;
    return told || extract_bullets(window, bullets, err);
}

// ---- The answer

static Ai__SummaryBullet *show_bullet(const struct bullet *bullet, const struct window *window,
                                      struct arena *arena)
{
    Ai__SummaryBullet *shown = arena_new(arena, Ai__SummaryBullet);
    if (!shown) return NULL;
    ai__summary_bullet__init(shown);
    shown->text = arena_str(arena, bullet->text);
    shown->room_id = arena_str(arena, bullet->room_id);
    shown->message_ids = arena_array(arena, bullet->messages_count, sizeof *shown->message_ids);
    for (size_t i = 0; shown->message_ids && i < bullet->messages_count; i++)
        shown->message_ids[shown->n_message_ids++] =
            arena_str(arena, window->messages[bullet->messages[i]].id.text);
    return shown;
}

static bool show_summary(const struct window *window, const struct bullets *bullets, Ai__Summary *reply,
                         struct arena *arena, struct err *err)
{
    reply->left_out = arena_new(arena, Ai__SummaryLeftOut);
    reply->bullets = arena_array(arena, bullets->count + 1, sizeof *reply->bullets);
    for (size_t i = 0; reply->bullets && i < bullets->count; i++)
        reply->bullets[reply->n_bullets++] = show_bullet(&bullets->all[i], window, arena);
    if (arena->failed) return err_fail(err, CALL_TOO_LARGE, "the call needs too much memory");
    ai__summary_left_out__init(reply->left_out);
    reply->left_out->older = window->older;
    reply->left_out->textless = window->textless;
    return true;
}

static bool summarize_by(struct rpc_call *call, const Ai__SummarizeRequest *request, struct line *line,
                         Ai__Summary *reply, struct err *err)
{
    struct bullets bullets = {0};
    struct window window, willing = {.count = 0};
    int64_t since_ms = call->now_ms - request->hours * (int64_t)HOUR_MS;
    window_open(&window);
    reply->since = stamp_new(call->arena, since_ms);
    bool ok = read_by(line, request, since_ms, &window, err) &&
              sum_up(call, line, &window, &willing, &bullets, reply, err) &&
              show_summary(reply->method == AI__SUMMARY__METHOD__LLM ? &willing : &window, &bullets, reply,
                           call->arena, err);
    if (ok && reply->method == AI__SUMMARY__METHOD__LLM)
        reply->left_out->kept_back = (uint32_t)(window.count - willing.count);
    reply->messages = (uint32_t)window.count;
    window_close(&window);
    return ok;
}

HANDLER(summarize, Ai__SummarizeRequest, Ai__Summary)
{
    struct line line;
    if (!*request->room_id == !*request->event_id)
        return err_field(err, INVALID_FIELD, "room_id", "a room or an event is to be named, not both");
    if (!line_open(&line, call, READ_MS, err)) return false;
    bool ok = summarize_by(call, request, &line, reply, err);
    line_close(&line);
    return ok;
}

const struct rpc_method ai_summary_methods[] = {
    RPC_METHOD("ai.Summarize", summarize),
    {0},
};
