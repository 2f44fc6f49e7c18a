// What a subscriber asks the feed: which streams exist, and the notices that it missed.
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/bus/subscriber.h"
#include "lib/rpc/frame.h"

enum {
    READS_AT_ONCE = 8,
    READ_LIMIT = 500,
    READ_TIMEOUT_MS = 5000,
    LIST_RETRY_MS = 50,
};

struct read_call {
    struct bus_subscriber *subscriber;
    struct bus_stream *stream;
    uint32_t number; // bus_stream.reads as it was sent
};

// ---- Reading what is missing

static void skip_lost(struct bus_stream *stream, uint64_t oldest)
{
    if (oldest <= stream->cursor + 1) return;
    if (stream->cursor) // a reader from the start takes what is there
        log_warn("notices are no longer kept", F_STR("stream", stream->name), F_INT("after", stream->cursor),
                 F_INT("oldest", oldest));
    stream->cursor = oldest - 1;
}

// False when the handler refused one.
static bool deliver_all(struct bus_subscriber *subscriber, struct bus_stream *stream,
                        const Bus__ReadReply *reply)
{
    for (size_t i = 0; i < reply->n_notices; i++) {
        const Bus__Notice *notice = reply->notices[i];
        if (notice->seq <= stream->cursor) continue;
        if (notice->seq != stream->cursor + 1) break;
        if (!bus_deliver(subscriber, stream, notice)) return false;
    }
    return true;
}

// A lower head is from a process that is behind; only another generation lowers one.
static void take_page(struct bus_subscriber *subscriber, const struct read_call *call,
                      const Bus__ReadReply *reply)
{
    struct bus_stream *stream = call->stream;
    uint64_t before = stream->cursor;
    if (reply->head > stream->head) stream->head = reply->head;
    skip_lost(stream, reply->oldest);
    if (!deliver_all(subscriber, stream, reply)) return;
    if (stream->cursor >= stream->head) return;
    if (stream->cursor > before)
        bus_streams_mark_behind(&subscriber->streams, stream);
    else
        bus_streams_retry_read(&subscriber->streams, stream, call->number,
                               clock_mono_ms()); // the feed lags behind the announcements
}

// It is on its way no more.
static void note_answered(const struct read_call *call)
{
    call->subscriber->reading--;
    if (call->number == call->stream->reads)
        call->stream->reading = false;
    else
        call->stream->overtaken--;
}

static void forget_unfollowed(struct bus_subscriber *subscriber, struct bus_stream *stream)
{
    if (!bus_streams_in_use(stream)) bus_streams_forget(&subscriber->streams, stream);
}

static void on_read(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct read_call call = *(struct read_call *)arg;
    struct bus_subscriber *subscriber = call.subscriber;
    free(arg);
    note_answered(&call);
    if (atomic_load(&subscriber->stopped)) return;
    if (!bus_follows(subscriber, call.stream->name)) return forget_unfollowed(subscriber, call.stream);
    arena_reset(&subscriber->arena);
    const Bus__ReadReply *reply =
        ok ? bus__read_reply__unpack(&subscriber->arena.allocator, len, payload) : NULL;
    if (reply) bus_take_generation(subscriber, reply->generation);
    if (reply)
        take_page(subscriber, &call, reply);
    else if (!ok && err_is(err, NOT_FOUND))
        call.stream->head = call.stream->cursor; // deleted
    else
        bus_streams_retry_read(&subscriber->streams, call.stream, call.number, clock_mono_ms());
}

static void call_feed(struct bus_subscriber *subscriber, const char *name, const ProtobufCMessage *message,
                      rpc_done *done, void *arg)
{
    arena_reset(&subscriber->arena);
    struct rpc_request request = {
        .name = name, .method = rpc_schema_of(name), .fresh = true, .timeout_ms = READ_TIMEOUT_MS};
    request.payload.len = protobuf_c_message_get_packed_size(message);
    request.payload.data = arena_alloc(&subscriber->arena, request.payload.len);
    protobuf_c_message_pack(message, request.payload.data);
    rpc_client_call(subscriber->client, &request, done, arg);
}

static void read_stream(struct bus_subscriber *subscriber, struct bus_stream *stream)
{
    struct read_call *call = malloc(sizeof *call);
    if (!call) return bus_streams_retry(&subscriber->streams, stream, clock_mono_ms());
    *call = (struct read_call){subscriber, stream, stream->reads};
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    request.stream = stream->name;
    request.from = stream->cursor + 1;
    request.limit = READ_LIMIT;
    stream->reading = true;
    stream->read_ms = clock_mono_ms();
    subscriber->reading++;
    call_feed(subscriber, subscriber->read_name, &request.base, on_read, call);
}

int64_t bus_read_behind(struct bus_subscriber *subscriber, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    struct bus_stream *last = NULL;
    while (subscriber->streams.behind && subscriber->streams.behind != last &&
           subscriber->reading < READS_AT_ONCE) {
        struct bus_stream *stream = bus_streams_pop_behind(&subscriber->streams);
        if (stream->cursor >= stream->head) continue;
        if (!bus_follows(subscriber, stream->name)) {
            forget_unfollowed(subscriber, stream);
            continue;
        }
        if (stream->retry_ms <= now_ms) {
            read_stream(subscriber, stream);
            continue;
        }
        bus_streams_mark_behind(&subscriber->streams, stream);
        if (!last) last = stream;
        if (stream->retry_ms < next_ms) next_ms = stream->retry_ms;
    }
    return next_ms;
}

// ---- Which streams exist

// Nothing was delivered before the first answer: what exists now is old, unless streams are wanted from their
// start.
static void begin_stream(struct bus_subscriber *subscriber, const Bus__Heads__Head *head)
{
    bool made;
    struct bus_stream *stream = bus_followed(subscriber, head->stream, &made);
    if (stream && made && !subscriber->from_start) stream->cursor = head->seq;
}

static void take_list(struct bus_subscriber *subscriber, struct bus_pattern *pattern, const Bus__Heads *heads)
{
    bool first = !pattern->ever_listed;
    for (size_t i = 0; i < heads->n_heads && first && !subscriber->wanted; i++)
        begin_stream(subscriber, heads->heads[i]);
    bool more = heads->more && heads->n_heads;
    const char *last = more ? heads->heads[heads->n_heads - 1]->stream : "";
    snprintf(pattern->list_after, sizeof pattern->list_after, "%s", last);
    if (!more) pattern->listed = pattern->ever_listed = true;
    bus_take_heads(subscriber, heads);
}

static void on_listed(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct bus_subscriber *subscriber = arg;
    struct bus_pattern *pattern = subscriber->listing;
    (void)err;
    subscriber->listing = NULL;
    if (atomic_load(&subscriber->stopped)) return;
    arena_reset(&subscriber->arena);
    const Bus__Heads *heads = ok ? bus__heads__unpack(&subscriber->arena.allocator, len, payload) : NULL;
    if (subscriber->list_connections != subscriber->seen_connections)
        return; // begun before the newest connection, so it is asked for again
    if (heads) bus_take_generation(subscriber, heads->generation);
    if (heads)
        take_list(subscriber, pattern, heads);
    else
        pattern->list_retry_ms = clock_mono_ms() + LIST_RETRY_MS;
}

// One pattern after another: each list may be long.
void bus_list_heads(struct bus_subscriber *subscriber, int64_t now_ms)
{
    unsigned connections = atomic_load(&subscriber->dialers.connections);
    if (connections != subscriber->seen_connections) bus_patterns_unlist(&subscriber->patterns);
    subscriber->seen_connections = connections;
    struct bus_pattern *pattern = bus_patterns_all(&subscriber->patterns);
    while (pattern && (!pattern->subscribed || pattern->listed || now_ms < pattern->list_retry_ms))
        pattern = pattern->next;
    if (!pattern || subscriber->listing || connections == 0) return;
    subscriber->listing = pattern;
    subscriber->list_connections = connections;
    Bus__HeadsRequest request = BUS__HEADS_REQUEST__INIT;
    request.pattern = pattern->text;
    request.after = pattern->list_after;
    call_feed(subscriber, subscriber->list_name, &request.base, on_listed, subscriber);
}
