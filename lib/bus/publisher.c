#include <assert.h>
#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bus/bus.h"
#include "lib/bus/store_heads.h"
#include "lib/bus/streams.h"
#include "lib/bus/wire.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/schema/passport.h"
#include "lib/rpc/address.h"
#include "lib/rpc/seal.h"
#include "lib/rpc/nng/listener.h"
#include "lib/thread/wait.h"

enum { SEND_QUEUE = 1024, RECENT = 4096, TICK_MS = 250, TICKS_PER_ROUND = 20, HEADS_PER_MESSAGE = 512 };

struct bus_publisher {
    nng_socket socket;
    struct rpc_listener *listener;
    const struct schema_stream *declared;
    struct bus_keys *bus_keys;
    struct seal seal;
    uint8_t sender[SEAL_ID_BYTES]; // of this publisher, until it is closed
    _Atomic uint64_t counter;
    uint64_t generation;
    struct bus_store_heads *store_heads;
    pthread_t thread;
    bool running;
    pthread_mutex_t mutex; // guards the fields below
    pthread_cond_t wake;
    bool stopped;
    struct bus_streams streams;
};

static bool seal_message(struct bus_publisher *publisher, nng_msg *message)
{
    struct seal_head head = {.time_ms = clock_unix_ms()};
    memcpy(head.sender, publisher->sender, SEAL_ID_BYTES);
    head.counter = atomic_fetch_add(&publisher->counter, 1) + 1;
    return seal_close(&publisher->seal, message, &head);
}

static void send_message(struct bus_publisher *publisher, const char *topic, const ProtobufCMessage *body)
{
    nng_msg *message = bus_wire_pack(topic, body);
    if (!message) return;
    if (!seal_message(publisher, message) || nng_sendmsg(publisher->socket, message, NNG_FLAG_NONBLOCK) != 0)
        nng_msg_free(message);
}

// Whether the stream is pushed; looked up when it is not among those used last.
static bool note_head(struct bus_publisher *publisher, const Bus__Notice *notice)
{
    bool made, pushed = false;
    pthread_mutex_lock(&publisher->mutex);
    struct bus_stream *stream = bus_streams_get(&publisher->streams, notice->stream, &made);
    if (stream) {
        if (made) {
            const struct schema_stream *declared = passport_find_stream(publisher->declared, notice->stream);
            stream->pushed = declared && declared->pushed;
        }
        if (notice->seq > stream->head) stream->head = notice->seq;
        stream->changed = true;
        pushed = stream->pushed;
    }
    pthread_mutex_unlock(&publisher->mutex);
    return pushed;
}

void bus_publish(struct bus_publisher *publisher, const Bus__Notice *notice)
{
    if (!publisher) return;
    Bus__Notice sent = BUS__NOTICE__INIT;
    if (note_head(publisher, notice)) sent = *notice;
    sent.stream = notice->stream;
    sent.seq = notice->seq;
    sent.generation = publisher->generation;
    send_message(publisher, sent.stream, &sent.base);
}

void bus_tell_peers(struct bus_publisher *publisher, const char *stream, uint64_t seq)
{
    if (!publisher) return;
    const struct schema_stream *declared = passport_find_stream(publisher->declared, stream);
    assert(declared && declared->peers);
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = stream;
    notice.seq = seq;
    notice.generation = publisher->generation;
    send_message(publisher, BUS_PEERS_TOPIC, &notice.base);
}

void bus_hint(struct bus_publisher *publisher, const Bus__Notice *hint)
{
    if (!publisher) return;
    Bus__Notice sent = *hint;
    sent.seq = 0;
    sent.generation = publisher->generation;
    send_message(publisher, BUS_HINTS_TOPIC, &sent.base);
}

// ---- Heads

struct announcement {
    Bus__Heads heads;
    Bus__Heads__Head rows[HEADS_PER_MESSAGE];
    Bus__Heads__Head *pointers[HEADS_PER_MESSAGE];
};

static void announcement_init(struct announcement *announcement, const struct bus_publisher *publisher)
{
    bus__heads__init(&announcement->heads);
    announcement->heads.generation = publisher->generation;
    announcement->heads.heads = announcement->pointers;
}

static void add_head(struct announcement *announcement, struct bus_stream *stream)
{
    size_t i = announcement->heads.n_heads++;
    announcement->pointers[i] = &announcement->rows[i];
    bus__heads__head__init(announcement->pointers[i]);
    announcement->rows[i].stream = stream->name;
    announcement->rows[i].seq = stream->head;
    stream->changed = false;
}

// Streams by the time of their last notice: all that changed come first. Called with the mutex held, because
// names are borrowed.
static void publisher_announce(struct bus_publisher *publisher, bool all, struct announcement *announcement)
{
    announcement_init(announcement, publisher);
    for (struct bus_stream *stream = publisher->streams.newest; stream && (all || stream->changed);
         stream = stream->older) {
        add_head(announcement, stream);
        if (announcement->heads.n_heads < HEADS_PER_MESSAGE) continue;
        send_message(publisher, BUS_HEADS_TOPIC, &announcement->heads.base);
        announcement_init(announcement, publisher);
    }
    send_message(publisher, BUS_HEADS_TOPIC, &announcement->heads.base);
}

static void tell_stored(void *arg, Bus__Heads *heads)
{
    struct bus_publisher *publisher = arg;
    heads->generation = publisher->generation;
    send_message(publisher, BUS_HEADS_TOPIC, &heads->base);
}

static bool start_store_heads(struct bus_publisher *publisher, const struct bus_publisher_options *options,
                              struct err *err)
{
    const struct bus_store_heads_options heads = {.service = options->service,
                                                  .streams = publisher->declared,
                                                  .store = options->store,
                                                  .tell = tell_stored,
                                                  .arg = publisher};
    return !options->store || bus_store_heads_start(&publisher->store_heads, &heads, err);
}

static void pause_tick(struct bus_publisher *publisher)
{
    int64_t until_ms = clock_mono_ms() + TICK_MS;
    while (!publisher->stopped && wait_until(&publisher->wake, &publisher->mutex, until_ms)) continue;
}

static void *announcer_main(void *arg)
{
    struct bus_publisher *publisher = arg;
    struct announcement *announcement = calloc(1, sizeof *announcement);
    if (!announcement) abort();
    pthread_mutex_lock(&publisher->mutex);
    for (uint32_t tick = 0; !publisher->stopped; tick++) {
        publisher_announce(publisher, tick % TICKS_PER_ROUND == 0, announcement);
        pause_tick(publisher);
    }
    publisher_announce(publisher, false, announcement);
    pthread_mutex_unlock(&publisher->mutex);
    free(announcement);
    return NULL;
}

// ---- Life

static bool open_socket(struct bus_publisher *publisher, const char *address, struct err *err)
{
    int rv = nng_pub0_open(&publisher->socket);
    if (rv == 0) rv = nng_socket_set_int(publisher->socket, NNG_OPT_SENDBUF, SEND_QUEUE);
    if (rv == 0) rv = nng_socket_set_size(publisher->socket, NNG_OPT_RECVMAXSZ, BUS_MAX_MESSAGE);
    if (rv) return err_fail(err, INTERNAL_ERROR, "cannot publish at %s: %s", address, nng_strerror(rv));
    return rpc_listener_open(&publisher->listener, publisher->socket, address, err);
}

static bool publisher_start(struct bus_publisher *publisher, const char *address, struct err *err)
{
    if (!rpc_address_check(address, publisher->bus_keys, NULL, err)) return false;
    if (!open_socket(publisher, address, err)) return false;
    int rv = pthread_create(&publisher->thread, NULL, announcer_main, publisher);
    publisher->running = rv == 0;
    return rv == 0 || err_errno(err, rv, "cannot start the announcer");
}

bool bus_publisher_open(struct bus_publisher **out, const struct bus_publisher_options *options,
                        struct err *err)
{
    struct bus_publisher *publisher = calloc(1, sizeof *publisher);
    if (!publisher) return err_fail(err, INTERNAL_ERROR, "out of memory");
    publisher->generation = options->generation;
    publisher->declared = options->streams ? options->streams : schema_streams;
    publisher->bus_keys = options->bus_keys;
    seal_init(&publisher->seal, options->bus_keys, SEAL_TOPIC, options->service);
    randombytes_buf(publisher->sender, SEAL_ID_BYTES);
    pthread_mutex_init(&publisher->mutex, NULL);
    wait_init(&publisher->wake);
    bus_streams_init(&publisher->streams, RECENT);
    if (!publisher_start(publisher, options->address, err) || !start_store_heads(publisher, options, err)) {
        bus_publisher_close(publisher);
        return false;
    }
    *out = publisher;
    return true;
}

void bus_publisher_leave(struct bus_publisher *publisher)
{
    if (!publisher) return;
    bus_store_heads_stop(publisher->store_heads);
    publisher->store_heads = NULL;
}

void bus_publisher_close(struct bus_publisher *publisher)
{
    if (!publisher) return;
    pthread_mutex_lock(&publisher->mutex);
    publisher->stopped = true;
    pthread_cond_signal(&publisher->wake);
    pthread_mutex_unlock(&publisher->mutex);
    if (publisher->running) pthread_join(publisher->thread, NULL);
    bus_publisher_leave(publisher);
    rpc_listener_close(publisher->listener);
    nng_close(publisher->socket);
    bus_streams_finish(&publisher->streams);
    seal_finish(&publisher->seal);
    pthread_cond_destroy(&publisher->wake);
    pthread_mutex_destroy(&publisher->mutex);
    free(publisher);
}
