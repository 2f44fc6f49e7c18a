// What was said in rooms, shorter.
#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "lib/rpc/client.h"
#include "services/ai/handlers/handlers.h"
#include "services/ai/summaries/extract.h"
#include "services/ai/summaries/window.h"

enum { READ_MS = 10000, HOUR_MS = 3600 * 1000 };

// ---- Asking events

struct line {
    struct rpc_client *client;
    const Rpc__Caller *reader;
    int64_t until_ms; // monotonic
};

static bool line_ask(void *arg, const char *method, const ProtobufCMessage *request, struct arena *arena,
                     ProtobufCMessage **reply, struct err *err)
{
    const struct line *line = arg;
    int64_t left_ms = line->until_ms - clock_mono_ms();
    if (left_ms <= 0) return err_fail(err, DEADLINE_PASSED, "the messages could not be read in time");
    return rpc_client_ask(line->client, method, line->reader, request, left_ms, arena, reply, err);
}

static bool read_by(struct line *line, const Ai__SummarizeRequest *request, int64_t since_ms,
                    struct window *window, struct err *err)
{
    const struct window_source source = {line_ask, line};
    if (*request->room_id) return window_read_room(window, &source, request->room_id, since_ms, err);
    return window_read_event(window, &source, request->event_id, since_ms, err);
}

// In the caller's name, as the gateway would ask for them.
static bool read_window(const struct rpc_call *call, const Ai__SummarizeRequest *request, int64_t since_ms,
                        struct window *window, struct err *err)
{
    const struct ai *ai = call->service;
    const struct rpc_client_options options = {.service = "events",
                                               .self = CONSE__ASKER__VALUE__AI,
                                               .address = ai->events,
                                               .bus_keys = ai->bus_keys};
    struct line line = {.reader = call->caller, .until_ms = clock_mono_ms() + READ_MS};
    if (!rpc_client_create(&line.client, &options, err)) return false;
    bool ok = read_by(&line, request, since_ms, window, err);
    rpc_client_destroy(line.client);
    return ok;
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
    reply->method = AI__SUMMARY__METHOD__EXTRACTIVE;
    reply->messages = (uint32_t)window->count;
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

HANDLER(summarize, Ai__SummarizeRequest, Ai__Summary)
{
    struct bullets bullets;
    struct window window;
    int64_t since_ms = call->now_ms - request->hours * (int64_t)HOUR_MS;
    if (!*request->room_id == !*request->event_id)
        return err_field(err, INVALID_FIELD, "room_id", "a room or an event is to be named, not both");
    reply->since = stamp_new(call->arena, since_ms);
    window_open(&window);
    bool ok = read_window(call, request, since_ms, &window, err) && extract_bullets(&window, &bullets, err) &&
              show_summary(&window, &bullets, reply, call->arena, err);
    window_close(&window);
    return ok;
}

const struct rpc_method ai_summary_methods[] = {
    RPC_METHOD("ai.Summarize", summarize),
    {0},
};
