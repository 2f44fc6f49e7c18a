#include "services/ai/discord/work.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/json/json.h"
#include "services/ai/discord/catchup.h"
#include "services/ai/discord/glance.h"
#include "services/ai/discord/own.h"

enum { EPHEMERAL = 1 << 6, LOADING = 1 << 7, ROW_BUTTONS = 1, BODY_BYTES = 32 << 10 };
enum { ABSENT = 404, EARLY_MS = 10000, PAUSE_MS = 500 };

// ---- Making

bool work_make(struct work *work, struct err *err)
{
    struct said said = {.count = 0};
    Discord__JobRow *row = work->row;
    if (row->kind == DISCORD__JOB_ROW__KIND__CATCHUP)
        catchup_say(work, &said);
    else if (row->kind == DISCORD__JOB_ROW__KIND__LINK || row->kind == DISCORD__JOB_ROW__KIND__TIPS)
        own_say(work, &said);
    else
        glance_say(work, &said);
    if (work->arena->failed) return err_fail(err, CALL_TOO_LARGE, "the answer needs too much memory");
    row->messages = said.messages;
    row->n_messages = said.count;
    row->state = DISCORD__JOB_ROW__STATE__MADE;
    bool ok = job_move(work->ai->store, row, &work->version, err);
    row->messages = arena_copy(work->arena, said.messages, sizeof said.messages);
    return ok && row->messages;
}

// ---- Sending

static void write_buttons(struct buf *body, const char *job_id)
{
    static const char *const marks[] = {"\xF0\x9F\x91\x8D", "\xF0\x9F\x91\x8E"}, *const words[] = {"good",
                                                                                                   "bad"};
    buf_printf(body, ",\"components\":[{\"type\":%d,\"components\":[", ROW_BUTTONS);
    for (int i = 0; i < 2; i++)
        buf_printf(body, "%s{\"type\":2,\"style\":2,\"custom_id\":\"%s.%s\",\"emoji\":{\"name\":\"%s\"}}",
                   i ? "," : "", words[i], job_id, marks[i]);
    buf_str(body, "]}]");
}

static void write_message(struct buf *body, const Discord__JobRow *row, size_t at)
{
    bool last = at + 1 == row->n_messages;
    buf_str(body, "{\"allowed_mentions\":{\"parse\":[]},\"content\":");
    json_write_text(body, row->messages[at]);
    if (at > 0 && !row->public_) buf_printf(body, ",\"flags\":%d", EPHEMERAL);
    if (row->summary && last) write_buttons(body, row->id);
    buf_char(body, '}');
}

static struct api_request request_of(const struct work *work, enum api_route route)
{
    return (struct api_request){.route = route,
                                .application_id = work->row->application_id,
                                .token = work->token,
                                .until_ms = work->until_ms};
}

// Whether the first message is there. What Discord still shows as thinking was not edited.
static bool is_edited(struct work *work, bool *edited, struct err *err)
{
    const struct api_request request = request_of(work, API_ORIGINAL);
    struct api_reply reply;
    bool unknown;
    if (!api_do(work->api, &request, &reply, &unknown, err)) return false;
    json_t *message = json_loadb(reply.body.bytes, reply.body.len, 0, NULL);
    *edited = reply.status == 200 && !(json_integer_value(json_object_get(message, "flags")) & LOADING);
    json_decref(message);
    api_reply_finish(&reply);
    return true;
}

// Discord may get our edit before our first answer, and then knows nothing of the interaction yet.
static bool is_early(const struct work *work, size_t at, long status)
{
    return at == 0 && status == ABSENT && clock_unix_ms() - work->row->received_ms < EARLY_MS;
}

// *over: it is there, or will never be.
static bool send_once(struct work *work, size_t at, bool *over, struct err *err)
{
    struct api_request request = request_of(work, at ? API_FOLLOW_UP : API_EDIT);
    struct api_reply reply;
    struct buf body;
    bool unknown = false;
    buf_init(&body, BODY_BYTES);
    write_message(&body, work->row, at);
    request.body = body.bytes;
    bool ok = body.failed ? err_fail(err, INTERNAL_ERROR, "a message for Discord is too long")
                          : api_do(work->api, &request, &reply, &unknown, err);
    buf_finish(&body);
    *over = false;
    if (!ok) return unknown;
    *over = !is_early(work, at, reply.status);
    if (*over && reply.status >= 300)
        log_warn("Discord does not take an answer", F_STR("job", work->row->id),
                 F_INT("status", reply.status));
    api_reply_finish(&reply);
    return true;
}

static bool send_first(struct work *work, struct err *err)
{
    bool over = false;
    if (work->begun && !is_edited(work, &over, err)) return false;
    while (!over) {
        if (!send_once(work, 0, &over, err)) return false;
        if (over) return true;
        if (!api_pause(work->api, PAUSE_MS, work->until_ms, err) || !is_edited(work, &over, err))
            return false;
    }
    return true;
}

// One whose outcome nobody tells comes again: it has its number.
static bool send_further(struct work *work, size_t at, struct err *err)
{
    for (bool over = false; !over;) {
        if (!send_once(work, at, &over, err)) return false;
        if (!over && !api_pause(work->api, PAUSE_MS, work->until_ms, err)) return false;
    }
    return true;
}

bool work_send(struct work *work, struct err *err)
{
    Discord__JobRow *row = work->row;
    while (row->sent < row->n_messages) {
        if (!(row->sent ? send_further(work, row->sent, err) : send_first(work, err))) return false;
        work->begun = false;
        row->sent++;
        if (row->sent < row->n_messages && !job_move(work->ai->store, row, &work->version, err)) return false;
    }
    row->state = DISCORD__JOB_ROW__STATE__DONE;
    row->token = (ProtobufCBinaryData){0, NULL};
    row->n_messages = 0;
    return job_move(work->ai->store, row, &work->version, err);
}
