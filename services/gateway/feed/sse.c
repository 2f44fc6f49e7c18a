#include "services/gateway/feed/sse.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json/json.h"
#include "services/gateway/api/problem.h"
#include "services/gateway/feed/pipe.h"

enum {
    TLS_CHARGE = 16 << 10, // of the household's answers, as what waits of one is
    MINE_MOST = 4096,
    RETRY_MS = 2000,
    RETRY_MORE_MS = 3000, // at random, so that not all come back at once
};

struct sse {
    struct feed_viewer viewer;
    struct pipe pipe;
    bool over;  // freed when its connection is
    bool taken; // its connection is here, or will not come
    char secret[IDS_SECRET + 1];
    size_t count;
    char topics[][FEED_TOPIC_SIZE];
};

// ---- Ends

static void sse_free(struct sse *sse)
{
    sodium_memzero(sse->secret, sizeof sse->secret);
    free(sse);
}

// Over TLS the library tells when it is done with it.
static void sse_close(struct sse *sse)
{
    bool waits = sse->pipe.stream || !sse->taken;
    feed_leave(&sse->viewer);
    sse->over = true;
    pipe_close(&sse->pipe);
    if (!waits) sse_free(sse);
}

static void write_bye(struct sse *sse, const char *why, int64_t retry_ms)
{
    char text[160];
    int len =
        snprintf(text, sizeof text,
                 "retry: %" PRId64 "\nevent: bye\ndata: {\"reason\":\"%s\",\"retry_ms\":%" PRId64 "}\n\n",
                 retry_ms, why, retry_ms);
    pipe_copy(&sse->pipe, text, (size_t)len);
    pipe_flush(&sse->pipe);
}

static int64_t some_retry_ms(void) { return RETRY_MS + randombytes_uniform(RETRY_MORE_MS); }

static void on_end(void *arg, enum feed_end why, int64_t retry_ms)
{
    struct sse *sse = arg;
    write_bye(sse, feed_end_name(why), retry_ms ? retry_ms : some_retry_ms());
    sse_close(sse);
}

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
    while ((sub = feed_next(&sse->viewer, sub)) != NULL)
        for (size_t i = 0; i < sse->count; i++)
            if (strcmp(topics[i], feed_topic(sub)) == 0) feed_cursor(sub, ids.after[i]);
    return ids_write(&ids, topics, sse->count, out);
}

static void write_start(struct sse *sse, const struct feed_message *message)
{
    static const char *const names[FEED_KINDS] = {"snapshot", "entry", "live",  "reset",
                                                  "head",     "error", "typing"};
    char text[IDS_MOST + 256], id[IDS_MOST + 1];
    size_t id_len = write_id(sse, id);
    int len = snprintf(text, sizeof text, "event: %s\n%s%s%sdata: {\"stream\":\"%s\"", names[message->kind],
                       id_len ? "id: " : "", id_len ? id : "", id_len ? "\n" : "", feed_topic(message->sub));
    pipe_copy(&sse->pipe, text, (size_t)len);
    if (!message->cursor[0] || message->kind == FEED_RESET) return;
    len = snprintf(text, sizeof text, ",\"cursor\":\"%s\"", message->cursor);
    pipe_copy(&sse->pipe, text, (size_t)len);
}

static void write_member(struct sse *sse, const char *name, struct shared *json)
{
    char text[32];
    int len = snprintf(text, sizeof text, ",\"%s\":", name);
    pipe_copy(&sse->pipe, text, (size_t)len);
    pipe_share(&sse->pipe, json, 0, json->len);
}

static void write_mine(struct sse *sse, const ProtobufCMessage *mine)
{
    struct buf text;
    buf_init(&text, MINE_MOST);
    buf_str(&text, ",\"mine\":");
    json_write(&text, mine, NULL);
    pipe_copy(&sse->pipe, text.bytes, text.len);
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
    pipe_copy(&sse->pipe, text, (size_t)len);
    pipe_copy(&sse->pipe, detail.bytes, detail.len);
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
    pipe_copy(&sse->pipe, text, (size_t)len);
    pipe_copy(&sse->pipe, "}\n\n", 3);
}

static bool on_room(void *arg) { return pipe_has_room(&((struct sse *)arg)->pipe); }

// The last subscription may have ended with an error.
static void on_flush(void *arg)
{
    struct sse *sse = arg;
    pipe_flush(&sse->pipe);
    if (sse->viewer.subs_count) return;
    write_bye(sse, "ENDED", 60000);
    sse_close(sse);
}

static void on_remind(void *arg)
{
    static const char reminder[] = ": renew\n\n";
    struct sse *sse = arg;
    pipe_copy(&sse->pipe, reminder, sizeof reminder - 1);
    pipe_flush(&sse->pipe);
}

static const struct feed_transport transport = {on_room, on_deliver, on_flush, on_remind, on_end, NULL};

// ---- Its connection

static void on_writable(void *arg) { feed_writable(&((struct sse *)arg)->viewer); }

static void on_gone(void *arg) { sse_close(arg); }

static const struct pipe_owner pipe_owner = {on_writable, on_gone};

static void sse_begin(struct sse *sse)
{
    pipe_flush(&sse->pipe);
    feed_writable(&sse->viewer);
}

static void on_taken(void *arg, struct http_socket *socket, int fd, const char *early, size_t len)
{
    struct sse *sse = arg;
    struct err err;
    (void)early, (void)len;
    sse->taken = true;
    if (sse->over) {
        http_socket_close(socket);
        return sse_free(sse);
    }
    if (!pipe_open(&sse->pipe, socket, fd, &err)) return sse_close(sse);
    sse_begin(sse);
}

static void on_lost(void *arg)
{
    struct sse *sse = arg;
    sse->taken = true;
    if (sse->over) return sse_free(sse);
    sse_close(sse);
}

// The feed spreads the ends of its viewers.
static void on_drain(void *arg, bool at_once)
{
    if (at_once) on_end(arg, FEED_DRAINING, 0);
}

static const struct http_socket_owner socket_owner = {NULL, on_taken, on_lost, on_drain};

static void on_stream_writable(void *arg) { pipe_stream_writable(&((struct sse *)arg)->pipe); }

static void on_stream_ended(void *arg, enum http_end why)
{
    struct sse *sse = arg;
    (void)why;
    sse->pipe.stream = NULL;
    if (!sse->over) feed_leave(&sse->viewer);
    pipe_close(&sse->pipe);
    sse_free(sse);
}

static const struct http_stream_owner stream_owner = {on_stream_writable, on_stream_ended};

static bool take_connection(struct sse *sse, const struct sse_request *request)
{
    struct http_answer head = request->head;
    head.status = 200;
    head.charge = TLS_CHARGE;
    http_answer_add(&head, "Content-Type", "text/event-stream");
    http_answer_add(&head, "X-Content-Type-Options", "nosniff");
    http_answer_add(&head, "Cache-Control", "no-store, no-transform");
    http_answer_add(&head, "X-Accel-Buffering", "no");
    if (http_take_over(request->http, &head, &socket_owner, sse)) return true;
    struct http_stream *stream = http_begin(request->http, &head, &stream_owner, sse);
    if (!stream) return false;
    sse->taken = true;
    pipe_open_stream(&sse->pipe, stream);
    sse_begin(sse);
    return true;
}

// ---- Opening

static void write_first(struct sse *sse)
{
    char text[48];
    int len = snprintf(text, sizeof text, "retry: %" PRId64 "\n\n", some_retry_ms());
    pipe_copy(&sse->pipe, text, (size_t)len);
}

static bool subscribe_all(struct sse *sse, const struct sse_request *request, struct err *err)
{
    for (size_t i = 0; i < request->count; i++)
        if (!feed_subscribe(&sse->viewer, request->topics[i], request->ids->after[i], err)) return false;
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
    pipe_init(&sse->pipe, request->loop, &pipe_owner, sse);
    write_first(sse);
    bool ok = feed_join(request->feed, &sse->viewer, &transport, sse, request->caller, err) &&
              subscribe_all(sse, request, err);
    if (ok && !take_connection(sse, request))
        ok = err_fail(err, SERVICE_DRAINING, "the gateway is shutting down");
    if (ok) return true;
    sse->taken = true;
    sse_close(sse);
    return false;
}
