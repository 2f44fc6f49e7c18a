#include "services/gateway/feed/sse.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json/json.h"
#include "services/gateway/api/problem.h"

enum { MINE_MOST = 4096 };

struct sse {
    struct line line;
    char secret[IDS_SECRET + 1];
    size_t count;
    char topics[][FEED_TOPIC_SIZE];
};

// ---- Messages

// Where the client comes back: in all its streams.
static size_t write_id(const struct sse *sse, char out[IDS_MOST + 1])
{
    struct ids ids;
    const char *topics[FEED_TOPICS_MOST];
    const struct feed_sub *sub = NULL;
    memset(&ids, 0, sizeof ids);
    memcpy(ids.secret, sse->secret, sizeof ids.secret);
    for (size_t i = 0; i < sse->count; i++) topics[i] = sse->topics[i];
    while ((sub = feed_next(&sse->line.viewer, sub)) != NULL)
        for (size_t i = 0; i < sse->count; i++)
            if (strcmp(topics[i], feed_topic(sub)) == 0) feed_cursor(sub, ids.after[i]);
    return ids_write(&ids, topics, sse->count, out);
}

// Without printf: each viewer has this of each message.
static void write_parts(struct sse *sse, const char *before, const char *text, const char *after)
{
    pipe_copy(&sse->line.pipe, before, strlen(before));
    pipe_copy(&sse->line.pipe, text, strlen(text));
    pipe_copy(&sse->line.pipe, after, strlen(after));
}

static void write_start(struct sse *sse, const struct feed_message *message)
{
    static const char *const names[FEED_KINDS] = {"snapshot", "entry", "live",  "reset",
                                                  "head",     "error", "typing"};
    char id[IDS_MOST + 1];
    size_t id_len = write_id(sse, id);
    write_parts(sse, "event: ", names[message->kind], "\n");
    if (id_len) write_parts(sse, "id: ", id, "\n");
    write_parts(sse, "data: {\"stream\":\"", feed_topic(message->sub), "\"");
    if (message->cursor[0] && message->kind != FEED_RESET)
        write_parts(sse, ",\"cursor\":\"", message->cursor, "\"");
}

static void write_member(struct sse *sse, const char *name, struct shared *json)
{
    write_parts(sse, ",\"", name, "\":");
    pipe_share(&sse->line.pipe, json, 0, json->len);
}

static void write_mine(struct sse *sse, const ProtobufCMessage *mine)
{
    struct buf text;
    buf_init(&text, MINE_MOST);
    buf_str(&text, ",\"mine\":");
    json_write(&text, mine, NULL);
    pipe_copy(&sse->line.pipe, text.bytes, text.len);
    buf_finish(&text);
}

static void write_error(struct sse *sse, const struct err *err)
{
    char text[80];
    struct buf detail;
    buf_init(&detail, 2048);
    json_write_text(&detail, err_internal(err) ? "" : err->message);
    int len = snprintf(text, sizeof text, ",\"code\":\"%s\",\"status\":%d,\"detail\":", err_name(err),
                       problem_status(err->reason));
    pipe_copy(&sse->line.pipe, text, (size_t)len);
    pipe_copy(&sse->line.pipe, detail.bytes, detail.len);
    buf_finish(&detail);
}

static void on_deliver(void *arg, const struct feed_message *message)
{
    struct sse *sse = arg;
    char text[96];
    int len = 0;
    write_start(sse, message);
    if (message->kind == FEED_ENTRY) write_member(sse, "entry", message->item->json);
    if (message->kind == FEED_TYPING) write_member(sse, "typing", message->item->json);
    if (message->kind == FEED_SNAPSHOT) write_member(sse, "state", message->item->json);
    if (message->mine) write_mine(sse, message->mine);
    if (message->kind == FEED_RESET) len = snprintf(text, sizeof text, ",\"reason\":\"%s\"", message->reason);
    if (message->kind == FEED_HEAD)
        len = snprintf(text, sizeof text, ",\"server_time\":%" PRId64, message->time_ms);
    if (message->kind == FEED_ERROR) write_error(sse, message->err);
    pipe_copy(&sse->line.pipe, text, (size_t)len);
    pipe_copy(&sse->line.pipe, "}\n\n", 3);
}

static void on_remind(void *arg)
{
    static const char reminder[] = ": renew\n\n";
    struct sse *sse = arg;
    pipe_copy(&sse->line.pipe, reminder, sizeof reminder - 1);
}

static void on_bye(void *arg, const char *why, int64_t retry_ms)
{
    struct sse *sse = arg;
    char text[160];
    int len =
        snprintf(text, sizeof text,
                 "retry: %" PRId64 "\nevent: bye\ndata: {\"reason\":\"%s\",\"retry_ms\":%" PRId64 "}\n\n",
                 retry_ms, why, retry_ms);
    pipe_copy(&sse->line.pipe, text, (size_t)len);
}

static void on_gone(void *arg)
{
    struct sse *sse = arg;
    sodium_memzero(sse->secret, sizeof sse->secret);
    free(sse);
}

static const struct line_form form = {on_deliver, NULL, on_remind, on_bye, NULL, on_gone};

// ---- Opening

static void write_first(struct sse *sse)
{
    char text[48];
    int len = snprintf(text, sizeof text, "retry: %" PRId64 "\n\n", line_retry_ms());
    pipe_copy(&sse->line.pipe, text, (size_t)len);
}

static bool subscribe_all(struct sse *sse, const struct sse_request *request, struct err *err)
{
    for (size_t i = 0; i < request->count; i++)
        if (!feed_subscribe(&sse->line.viewer, request->topics[i], request->ids->after[i], err)) return false;
    return true;
}

bool sse_open(const struct sse_request *request, struct err *err)
{
    struct sse *sse = calloc(1, sizeof *sse + request->count * sizeof *sse->topics);
    if (!sse) return err_fail(err, INTERNAL_ERROR, "no memory");
    sse->count = request->count;
    memcpy(sse->secret, request->ids->secret, sizeof sse->secret);
    for (size_t i = 0; i < request->count; i++)
        snprintf(sse->topics[i], FEED_TOPIC_SIZE, "%s", request->topics[i]);
    bool joined = line_join(&sse->line, &request->line, &form, sse, err);
    sse->line.viewer.tab = request->tab;
    if (joined) write_first(sse);
    if (joined && subscribe_all(sse, request, err) && line_open(&sse->line, &request->line, err)) return true;
    line_close(&sse->line);
    return false;
}
