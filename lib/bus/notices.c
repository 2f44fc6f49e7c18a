// What a subscriber's socket receives: notices and announced heads.
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/bus/subscriber.h"
#include "lib/bus/wire.h"

bool bus_deliver(struct bus_subscriber *subscriber, struct bus_stream *stream, const Bus__Notice *notice)
{
    stream->cursor = notice->seq; // before, so that the handler may seek
    if (subscriber->handler(subscriber->arg, notice)) {
        stream->failures = 0;
        return true;
    }
    if (stream->cursor == notice->seq) stream->cursor--; // else the handler has moved it
    bus_streams_retry(&subscriber->streams, stream, clock_mono_ms());
    return false;
}

void bus_take_generation(struct bus_subscriber *subscriber, uint64_t generation)
{
    uint64_t before = subscriber->generation;
    if (!generation || generation == before) return;
    subscriber->generation = generation;
    subscriber->due_ms = 0;
    if (!before) return;
    log_warn("a publisher's store has other content", F_STR("address", subscriber->address));
    for (struct bus_stream *stream = subscriber->streams.newest; stream; stream = stream->older) {
        stream->cursor = stream->head = 0;
        stream->anew = true;
    }
    bus_patterns_unlist(&subscriber->patterns);
}

// True for the first notice that is heard of a stream, when only some streams are wanted.
static bool is_begun(const struct bus_subscriber *subscriber, struct bus_stream *stream, bool made)
{
    bool begun = subscriber->wanted && (made || stream->anew);
    stream->anew = false;
    return begun;
}

static bool has_body(const struct bus_subscriber *subscriber, const Bus__Notice *notice)
{
    return !subscriber->fetch_private || notice->kind[0] || notice->payload.len;
}

bool bus_follows(struct bus_subscriber *subscriber, const char *name)
{
    return bus_patterns_fit(&subscriber->patterns, name) &&
           (!subscriber->wanted || subscriber->wanted(subscriber->arg, name));
}

// A stream that is no longer followed starts over when it is followed again.
void bus_forget(struct bus_subscriber *subscriber, const char *name)
{
    struct bus_stream *stream = bus_streams_find(&subscriber->streams, name);
    if (stream && !bus_streams_in_use(stream)) bus_streams_forget(&subscriber->streams, stream);
}

struct bus_stream *bus_followed(struct bus_subscriber *subscriber, const char *name, bool *made)
{
    if (strlen(name) > BUS_MAX_STREAM) return NULL;
    if (bus_follows(subscriber, name)) return bus_streams_get(&subscriber->streams, name, made);
    bus_forget(subscriber, name);
    return NULL;
}

static void take_notice(struct bus_subscriber *subscriber, const Bus__Notice *notice)
{
    bool made;
    if (notice->seq == 0) return;
    struct bus_stream *stream = bus_followed(subscriber, notice->stream, &made);
    if (stream && is_begun(subscriber, stream, made)) stream->cursor = notice->seq - 1;
    if (!stream || notice->seq <= stream->cursor) return;
    if (notice->seq > stream->head) stream->head = notice->seq;
    bool next = notice->seq == stream->cursor + 1 && !stream->behind && !stream->reading &&
                has_body(subscriber, notice);
    if (next)
        bus_deliver(subscriber, stream, notice);
    else
        bus_streams_mark_behind(&subscriber->streams, stream);
}

static void tell_head(struct bus_subscriber *subscriber, struct bus_stream *stream)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = stream->name;
    notice.seq = stream->head;
    bus_deliver(subscriber, stream, &notice);
}

static void take_head(struct bus_subscriber *subscriber, const Bus__Heads__Head *head)
{
    bool made;
    struct bus_stream *stream = head->seq ? bus_followed(subscriber, head->stream, &made) : NULL;
    if (!stream) return;
    if (head->seq > stream->head) stream->head = head->seq;
    if (is_begun(subscriber, stream, made)) return tell_head(subscriber, stream);
    if (stream->head > stream->cursor) bus_streams_hurry(&subscriber->streams, stream, clock_mono_ms());
}

void bus_take_heads(struct bus_subscriber *subscriber, const Bus__Heads *heads)
{
    for (size_t i = 0; i < heads->n_heads; i++) take_head(subscriber, heads->heads[i]);
}

void bus_note_reached(struct bus_subscriber *subscriber)
{
    if (!subscriber->due_ms) return;
    const struct bus_stream *stream = bus_streams_find(&subscriber->streams, subscriber->announced);
    if ((stream ? stream->cursor : 0) < subscriber->due_seq) return;
    atomic_store(&subscriber->heard_ms, subscriber->due_ms);
    subscriber->due_ms = 0;
}

// One head is due at a time, the oldest: the next one is told in a moment.
static void take_stored(struct bus_subscriber *subscriber, const Bus__Heads *heads)
{
    if (!subscriber->announced || subscriber->due_ms) return;
    for (size_t i = 0; i < heads->n_heads; i++) {
        if (strcmp(heads->heads[i]->stream, subscriber->announced) != 0) continue;
        subscriber->due_seq = heads->heads[i]->seq;
        subscriber->due_ms = clock_mono_ms();
    }
    bus_note_reached(subscriber);
}

static void take_hint(struct bus_subscriber *subscriber, const Bus__Notice *hint)
{
    bool wanted = !subscriber->wanted || subscriber->wanted(subscriber->arg, hint->stream);
    if (wanted && bus_follows(subscriber, hint->stream)) subscriber->hint(subscriber->arg, hint);
}

static void take_message(struct bus_subscriber *subscriber, nng_msg *message)
{
    const char *topic;
    ProtobufCBinaryData body;
    if (!bus_opener_open(&subscriber->opener, message, &topic, &body)) return;
    if (!subscriber->announced) atomic_store(&subscriber->heard_ms, clock_mono_ms());
    bus_dialers_heard(&subscriber->dialers, nng_msg_get_pipe(message), clock_mono_ms());
    arena_reset(&subscriber->arena);
    if (strcmp(topic, BUS_HEADS_TOPIC) == 0) {
        const Bus__Heads *heads = bus__heads__unpack(&subscriber->arena.allocator, body.len, body.data);
        if (heads) bus_take_generation(subscriber, heads->generation);
        if (heads) bus_take_heads(subscriber, heads);
        if (heads && heads->stored) take_stored(subscriber, heads);
    } else {
        const Bus__Notice *notice = bus__notice__unpack(&subscriber->arena.allocator, body.len, body.data);
        if (notice && subscriber->hint && strcmp(topic, BUS_HINTS_TOPIC) == 0)
            return take_hint(subscriber, notice);
        if (!notice || strcmp(notice->stream, topic) != 0) return;
        bus_take_generation(subscriber, notice->generation);
        take_notice(subscriber, notice);
    }
}

bool bus_receive(struct bus_subscriber *subscriber)
{
    nng_msg *message;
    if (nng_recvmsg(subscriber->dialers.socket, &message, NNG_FLAG_NONBLOCK) != 0) return false;
    take_message(subscriber, message);
    nng_msg_free(message);
    return true;
}
