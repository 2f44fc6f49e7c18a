#include <errno.h>
#include <nng/nng.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lib/bus/bus.h"
#include "lib/bus/dialers.h"
#include "lib/bus/streams.h"
#include "lib/bus/wire.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/rpc/client.h"
#include "lib/rpc/frame.h"

enum {
    KNOWN_STREAMS = 65536,
    READS_AT_ONCE = 8,
    READ_LIMIT = 500,
    READ_TIMEOUT_MS = 5000,
    LIST_RETRY_MS = 50,
    NOTICES_PER_TURN = 256,
    ARENA_BYTES = 16 * 1024 * 1024,
};

struct bus_subscriber {
    char *pattern, *address, *feed_service, *feed_address;
    bool fetch_private, from_start;
    bus_handler *handler;
    void *arg;
    uint8_t key[RPC_KEY_BYTES];
    const uint8_t *bus_key;

    int wake_fd;
    struct bus_dialers dialers; // the socket and its connections
    struct rpc_client *client;
    struct arena arena; // of one message or reply
    struct bus_streams streams;
    uint32_t reading;
    bool listed; // ListHeads was answered since the last connection
    bool ever_listed;
    bool listing;
    int64_t list_retry_ms;
    char read_name[64], list_name[64]; // "auth.feed.Read"

    pthread_t thread;
    bool running;
    atomic_bool stopped;
    unsigned seen_connections;
    _Atomic int64_t heard_ms; // monotonic
    atomic_bool caught_up;    // once
};

struct read_call {
    struct bus_subscriber *subscriber;
    struct bus_stream *stream;
};

// ---- Streams that are behind

// The list of heads and what was read after it are news too: the first announcement need not be waited for.
static void note_caught_up(struct bus_subscriber *subscriber)
{
    if (atomic_exchange(&subscriber->caught_up, true)) return;
    atomic_store(&subscriber->heard_ms, clock_mono_ms());
}

// ---- Notices

static bool deliver(struct bus_subscriber *subscriber, struct bus_stream *stream, const Bus__Notice *notice)
{
    stream->cursor = notice->seq; // before, so that the handler may seek
    if (subscriber->handler(subscriber->arg, notice)) {
        stream->failures = 0;
        return true;
    }
    stream->cursor = notice->seq - 1;
    bus_streams_retry(&subscriber->streams, stream, clock_mono_ms());
    return false;
}

static bool has_body(const struct bus_subscriber *subscriber, const Bus__Notice *notice)
{
    return !subscriber->fetch_private || notice->kind[0] || notice->payload.len;
}

// A stream that nobody knew at the start is new: all of it is news.
static struct bus_stream *get_stream(struct bus_subscriber *subscriber, const char *name)
{
    bool made;
    if (strlen(name) > BUS_MAX_STREAM || !bus_matches(subscriber->pattern, name)) return NULL;
    return bus_streams_get(&subscriber->streams, name, &made);
}

static void take_notice(struct bus_subscriber *subscriber, const Bus__Notice *notice)
{
    struct bus_stream *stream = get_stream(subscriber, notice->stream);
    if (!stream || notice->seq <= stream->cursor) return;
    if (notice->seq > stream->head) stream->head = notice->seq;
    bool next = notice->seq == stream->cursor + 1 && !stream->behind && !stream->reading &&
                has_body(subscriber, notice);
    if (next)
        deliver(subscriber, stream, notice);
    else
        bus_streams_mark_behind(&subscriber->streams, stream);
}

static void take_head(struct bus_subscriber *subscriber, const Bus__Heads__Head *head)
{
    struct bus_stream *stream = get_stream(subscriber, head->stream);
    if (!stream) return;
    if (head->seq > stream->head) stream->head = head->seq;
    if (stream->head > stream->cursor) bus_streams_mark_behind(&subscriber->streams, stream);
}

static void take_heads(struct bus_subscriber *subscriber, const Bus__Heads *heads)
{
    for (size_t i = 0; i < heads->n_heads; i++) take_head(subscriber, heads->heads[i]);
}

static void take_message(struct bus_subscriber *subscriber, nng_msg *message)
{
    const char *topic;
    ProtobufCBinaryData body;
    if (!bus_wire_open(message, subscriber->bus_key, &topic, &body)) {
        log_warn("topic message can't be read", F_STR("address", subscriber->address));
        return;
    }
    atomic_store(&subscriber->heard_ms, clock_mono_ms());
    arena_reset(&subscriber->arena);
    if (strcmp(topic, BUS_HEADS_TOPIC) == 0) {
        const Bus__Heads *heads = bus__heads__unpack(&subscriber->arena.allocator, body.len, body.data);
        if (heads) take_heads(subscriber, heads);
    } else {
        const Bus__Notice *notice = bus__notice__unpack(&subscriber->arena.allocator, body.len, body.data);
        if (notice && strcmp(notice->stream, topic) == 0) take_notice(subscriber, notice);
    }
}

static bool receive(struct bus_subscriber *subscriber)
{
    nng_msg *message;
    if (nng_recvmsg(subscriber->dialers.socket, &message, NNG_FLAG_NONBLOCK) != 0) return false;
    take_message(subscriber, message);
    nng_msg_free(message);
    return true;
}

// ---- Reading what is missing

static void skip_lost(struct bus_stream *stream, uint64_t oldest)
{
    if (oldest <= stream->cursor + 1) return;
    if (stream->cursor) // who reads from the start takes what there is
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
        if (!deliver(subscriber, stream, notice)) return false;
    }
    return true;
}

static void take_page(struct bus_subscriber *subscriber, struct bus_stream *stream,
                      const Bus__ReadReply *reply)
{
    uint64_t before = stream->cursor;
    if (reply->head > stream->head || reply->head < stream->cursor) stream->head = reply->head;
    skip_lost(stream, reply->oldest);
    if (!deliver_all(subscriber, stream, reply)) return;
    if (stream->cursor >= stream->head) return;
    if (stream->cursor > before)
        bus_streams_mark_behind(&subscriber->streams, stream);
    else
        bus_streams_retry(&subscriber->streams, stream,
                          clock_mono_ms()); // the feed lags behind what was announced
}

static void on_read(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct read_call call = *(struct read_call *)arg;
    struct bus_subscriber *subscriber = call.subscriber;
    free(arg);
    subscriber->reading--;
    call.stream->reading = false;
    if (atomic_load(&subscriber->stopped)) return;
    arena_reset(&subscriber->arena);
    const Bus__ReadReply *reply =
        ok ? bus__read_reply__unpack(&subscriber->arena.allocator, len, payload) : NULL;
    if (reply)
        take_page(subscriber, call.stream, reply);
    else if (!ok && err_is(err, NOT_FOUND))
        call.stream->head = call.stream->cursor; // deleted
    else
        bus_streams_retry(&subscriber->streams, call.stream, clock_mono_ms());
}

static void call_feed(struct bus_subscriber *subscriber, const char *name, const ProtobufCMessage *message,
                      rpc_done *done, void *arg)
{
    arena_reset(&subscriber->arena);
    struct rpc_request request = {.name = name, .method = rpc_schema_of(name), .timeout_ms = READ_TIMEOUT_MS};
    request.payload.len = protobuf_c_message_get_packed_size(message);
    request.payload.data = arena_alloc(&subscriber->arena, request.payload.len);
    protobuf_c_message_pack(message, request.payload.data);
    rpc_client_call(subscriber->client, &request, done, arg);
}

static void read_stream(struct bus_subscriber *subscriber, struct bus_stream *stream)
{
    struct read_call *call = malloc(sizeof *call);
    if (!call) return bus_streams_retry(&subscriber->streams, stream, clock_mono_ms());
    *call = (struct read_call){subscriber, stream};
    Bus__ReadRequest request = BUS__READ_REQUEST__INIT;
    request.stream = stream->name;
    request.from = stream->cursor + 1;
    request.limit = READ_LIMIT;
    stream->reading = true;
    subscriber->reading++;
    call_feed(subscriber, subscriber->read_name, &request.base, on_read, call);
}

// Starts reads for streams that are behind; returns when the next one may be tried.
static int64_t read_behind(struct bus_subscriber *subscriber, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    struct bus_stream *last = NULL;
    while (subscriber->streams.behind && subscriber->streams.behind != last &&
           subscriber->reading < READS_AT_ONCE) {
        struct bus_stream *stream = bus_streams_pop_behind(&subscriber->streams);
        if (stream->cursor >= stream->head) continue;
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

// ---- What streams there are

// Before the first answer nothing was delivered: what exists now is old, unless it is wanted from its start.
static void begin_stream(struct bus_subscriber *subscriber, const Bus__Heads__Head *head)
{
    bool made;
    if (strlen(head->stream) > BUS_MAX_STREAM || !bus_matches(subscriber->pattern, head->stream)) return;
    struct bus_stream *stream = bus_streams_get(&subscriber->streams, head->stream, &made);
    if (stream && made && !subscriber->from_start) stream->cursor = head->seq;
}

static void on_listed(void *arg, bool ok, const uint8_t *payload, size_t len, const struct err *err)
{
    struct bus_subscriber *subscriber = arg;
    (void)err;
    subscriber->listing = false;
    if (atomic_load(&subscriber->stopped)) return;
    arena_reset(&subscriber->arena);
    const Bus__Heads *heads = ok ? bus__heads__unpack(&subscriber->arena.allocator, len, payload) : NULL;
    if (!heads) {
        subscriber->list_retry_ms = clock_mono_ms() + LIST_RETRY_MS;
        return;
    }
    for (size_t i = 0; i < heads->n_heads && !subscriber->ever_listed; i++)
        begin_stream(subscriber, heads->heads[i]);
    subscriber->listed = subscriber->ever_listed = true;
    take_heads(subscriber, heads);
}

static void list_heads(struct bus_subscriber *subscriber, int64_t now_ms)
{
    unsigned connections = atomic_load(&subscriber->dialers.connections);
    if (connections != subscriber->seen_connections) subscriber->listed = false;
    subscriber->seen_connections = connections;
    if (subscriber->listed || subscriber->listing || now_ms < subscriber->list_retry_ms || connections == 0)
        return;
    subscriber->listing = true;
    Bus__HeadsRequest request = BUS__HEADS_REQUEST__INIT;
    request.pattern = subscriber->pattern;
    call_feed(subscriber, subscriber->list_name, &request.base, on_listed, subscriber);
}

// ---- The thread

static int pause_of(const struct bus_subscriber *subscriber, int64_t next_ms, int64_t now_ms)
{
    if (!subscriber->listed && subscriber->list_retry_ms < next_ms) next_ms = subscriber->list_retry_ms;
    if (next_ms <= now_ms) return LIST_RETRY_MS / 2;
    return next_ms - now_ms > 1000 ? 1000 : (int)(next_ms - now_ms);
}

static void wait_events(struct bus_subscriber *subscriber, int64_t next_ms, bool more)
{
    struct pollfd fds[] = {
        {.fd = rpc_client_fd(subscriber->client), .events = POLLIN},
        {.fd = subscriber->wake_fd, .events = POLLIN},
        {.fd = subscriber->ever_listed ? subscriber->dialers.receive_fd : -1, .events = POLLIN}};
    eventfd_t ignored;
    poll(fds, 3, more ? 0 : pause_of(subscriber, next_ms, clock_mono_ms()));
    if (fds[1].revents) eventfd_read(subscriber->wake_fd, &ignored);
}

static void *subscriber_main(void *arg)
{
    struct bus_subscriber *subscriber = arg;
    bool more = false;
    while (!atomic_load(&subscriber->stopped)) {
        int64_t now_ms = clock_mono_ms();
        bus_dialers_follow(&subscriber->dialers, now_ms, atomic_load(&subscriber->heard_ms));
        list_heads(subscriber, now_ms);
        int64_t next_ms = read_behind(subscriber, now_ms);
        rpc_client_flush(subscriber->client);
        if (subscriber->listed && !subscriber->streams.behind && !subscriber->reading)
            note_caught_up(subscriber);
        wait_events(subscriber, next_ms, more);
        rpc_client_process(subscriber->client, clock_mono_ms());
        int taken = 0;
        while (subscriber->ever_listed && taken < NOTICES_PER_TURN && receive(subscriber)) taken++;
        more = taken == NOTICES_PER_TURN;
    }
    return NULL;
}

// ---- Life

static bool copy_options(struct bus_subscriber *subscriber, const struct bus_subscriber_options *options,
                         struct err *err)
{
    subscriber->pattern = strdup(options->pattern);
    subscriber->address = strdup(options->address);
    subscriber->feed_service = strdup(options->feed_service);
    subscriber->feed_address = strdup(options->feed_address);
    if (!subscriber->pattern || !subscriber->address || !subscriber->feed_service ||
        !subscriber->feed_address)
        return err_fail(err, INTERNAL_ERROR, "out of memory");
    size_t len = strlen(options->pattern);
    if (len == 0 || len > BUS_MAX_STREAM)
        return err_fail(err, INVALID_FIELD, "a topic has 1 to %d bytes", BUS_MAX_STREAM);
    if (options->bus_key) subscriber->bus_key = memcpy(subscriber->key, options->bus_key, RPC_KEY_BYTES);
    subscriber->fetch_private = options->fetch_private;
    subscriber->from_start = options->from_start;
    subscriber->handler = options->handler;
    subscriber->arg = options->arg;
    snprintf(subscriber->read_name, sizeof subscriber->read_name, "%s.feed.Read", options->feed_service);
    snprintf(subscriber->list_name, sizeof subscriber->list_name, "%s.feed.ListHeads", options->feed_service);
    return true;
}

static void copy_cursors(struct bus_subscriber *subscriber, const struct bus_subscriber_options *options)
{
    for (size_t i = 0; i < options->cursors_count; i++) {
        bool made;
        struct bus_stream *stream = bus_streams_get(&subscriber->streams, options->cursors[i].stream, &made);
        if (stream) stream->cursor = stream->head = options->cursors[i].seq;
    }
}

static bool start(struct bus_subscriber *subscriber, const struct bus_subscriber_options *options,
                  struct err *err)
{
    if (!copy_options(subscriber, options, err)) return false;
    copy_cursors(subscriber, options);
    const struct rpc_client_options to = {.service = subscriber->feed_service,
                                          .self = options->self,
                                          .address = subscriber->feed_address,
                                          .bus_key = subscriber->bus_key};
    subscriber->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (subscriber->wake_fd < 0) return err_errno(err, errno, "cannot start the subscriber");
    if (!rpc_client_create(&subscriber->client, &to, err) ||
        !bus_dialers_open(&subscriber->dialers, subscriber->pattern, subscriber->address, subscriber->wake_fd,
                          err))
        return false;
    int rv = pthread_create(&subscriber->thread, NULL, subscriber_main, subscriber);
    subscriber->running = rv == 0;
    return rv == 0 || err_errno(err, rv, "cannot start the subscriber");
}

bool bus_subscriber_start(struct bus_subscriber **out, const struct bus_subscriber_options *options,
                          struct err *err)
{
    struct bus_subscriber *subscriber = calloc(1, sizeof *subscriber);
    if (!subscriber) return err_fail(err, INTERNAL_ERROR, "out of memory");
    subscriber->wake_fd = -1;
    arena_init(&subscriber->arena, ARENA_BYTES);
    bus_streams_init(&subscriber->streams, KNOWN_STREAMS);
    if (!start(subscriber, options, err)) {
        bus_subscriber_stop(subscriber);
        return false;
    }
    *out = subscriber;
    return true;
}

void bus_subscriber_stop(struct bus_subscriber *subscriber)
{
    if (!subscriber) return;
    atomic_store(&subscriber->stopped, true);
    if (subscriber->wake_fd >= 0) eventfd_write(subscriber->wake_fd, 1);
    if (subscriber->running) pthread_join(subscriber->thread, NULL);
    bus_dialers_close(&subscriber->dialers);
    rpc_client_destroy(subscriber->client);
    if (subscriber->wake_fd >= 0) close(subscriber->wake_fd);
    bus_streams_finish(&subscriber->streams);
    arena_finish(&subscriber->arena);
    free(subscriber->pattern);
    free(subscriber->address);
    free(subscriber->feed_service);
    free(subscriber->feed_address);
    free(subscriber);
}

void bus_subscriber_seek(struct bus_subscriber *subscriber, const char *name, uint64_t seq)
{
    struct bus_stream *stream = get_stream(subscriber, name);
    if (!stream) return;
    stream->cursor = seq;
    if (stream->head > seq) bus_streams_mark_behind(&subscriber->streams, stream);
}

int64_t bus_subscriber_age_ms(const struct bus_subscriber *subscriber)
{
    int64_t heard_ms = atomic_load(&subscriber->heard_ms);
    if (!atomic_load(&subscriber->caught_up) || heard_ms == 0) return INT64_MAX;
    return clock_mono_ms() - heard_ms;
}
