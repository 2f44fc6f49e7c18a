// What the bus's tests share: a service that keeps streams of numbered notices and publishes them, and a
// subscriber that records what it gets.
#ifndef LIB_BUS_TESTING_WORLD_H
#define LIB_BUS_TESTING_WORLD_H

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "lib/bus/bus.h"
#include "lib/base/clock.h"
#include "lib/bus/feed.h"
#include "lib/thread/wait.h"
#include "tests/test.h"

enum { PATIENCE_MS = 60000 };

// ---- A service with one stream per name, each entry's payload being its number

struct kept {
    const char *name;
    _Atomic uint64_t head;
    uint64_t oldest;
    _Atomic int reads;
};

struct topic_service {
    struct kept streams[4];
    size_t count;
    bool is_private;       // the bus has numbers alone
    struct bus_keys *keys; // NULL: nothing is sealed
    _Atomic int reads;
    _Atomic uint64_t generation; // of its feed, and of what it publishes from the next start on
    struct bus_publisher *publisher;
    struct rpc_server *server;
};

static inline struct kept *find_kept(struct topic_service *service, const char *name)
{
    for (size_t i = 0; i < service->count; i++)
        if (strcmp(service->streams[i].name, name) == 0) return &service->streams[i];
    return NULL;
}

static inline Bus__Notice *make_notice(struct arena *arena, const char *stream, uint64_t seq)
{
    Bus__Notice *notice = arena_new(arena, Bus__Notice);
    bus__notice__init(notice);
    notice->stream = stream;
    notice->seq = seq;
    notice->kind = "COUNTED";
    notice->payload.data = (uint8_t *)arena_printf(arena, "%llu", (unsigned long long)seq);
    notice->payload.len = strlen((char *)notice->payload.data);
    return notice;
}

static inline bool read_kept(struct rpc_call *call, const char *name, uint64_t from, size_t limit,
                             struct feed_page *page, struct err *err)
{
    struct topic_service *service = call->service;
    struct kept *kept = find_kept(service, name);
    atomic_fetch_add(&service->reads, 1);
    if (!kept) return err_fail(err, NOT_FOUND, "no stream %s", name);
    atomic_fetch_add(&kept->reads, 1);
    page->head = atomic_load(&kept->head);
    page->oldest = kept->oldest;
    if (kept->oldest > from) from = kept->oldest;
    page->notices = arena_array(call->arena, limit, sizeof(Bus__Notice *));
    for (uint64_t seq = from; seq <= page->head && page->count < limit && page->notices; seq++)
        page->notices[page->count++] = make_notice(call->arena, kept->name, seq);
    return true;
}

static inline bool heads_kept(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                              Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    struct topic_service *service = call->service;
    (void)err;
    for (size_t i = 0; i < service->count && *count < limit; i++) {
        const struct kept *kept = &service->streams[i];
        if (strncmp(kept->name, prefix, strlen(prefix)) != 0 || strcmp(kept->name, after) <= 0) continue;
        rows[*count].stream = kept->name;
        rows[(*count)++].seq = atomic_load(&kept->head);
    }
    return true;
}

static const struct schema_stream streams_of_tests[] = {
    {"events", "events.*", 1U << CONSE__ASKER__VALUE__GATEWAY, 0, 0, true, false, false},
    {"events", "users.*", 1U << CONSE__ASKER__VALUE__GATEWAY, 0, 0, true, false, false},
    {0},
};
static inline uint64_t generation_kept(const struct rpc_call *call)
{
    return atomic_load(&((struct topic_service *)call->service)->generation);
}

static const struct schema_stream private_streams[] = {
    {"events", "events.*", 1U << CONSE__ASKER__VALUE__GATEWAY, 0, 0, false, false, false}, {0}};
static const struct feed_source source = {streams_of_tests, read_kept, heads_kept, generation_kept};

HANDLER(answer_read, Bus__ReadRequest, Bus__ReadReply)
{
    return feed_read(call, &source, request, reply, err);
}
HANDLER(answer_heads, Bus__HeadsRequest, Bus__Heads)
{
    return feed_list_heads(call, &source, request, reply, err);
}

static const struct rpc_method table[] = {
    RPC_METHOD("events.feed.Read", answer_read), RPC_METHOD("events.feed.ListHeads", answer_heads), {0}};
static const struct rpc_method *const methods[] = {table, NULL};

static inline void start_publisher(struct topic_service *service, const char *name)
{
    char address[64];
    struct err err = {0};
    snprintf(address, sizeof address, "inproc://%s-bus", name);
    const struct bus_publisher_options options = {.service = "events",
                                                  .address = address,
                                                  .bus_keys = service->keys,
                                                  .generation = atomic_load(&service->generation),
                                                  .streams = service->is_private ? private_streams
                                                                                 : streams_of_tests};
    assert_true(bus_publisher_open(&service->publisher, &options, &err));
}

static inline void start_service(struct topic_service *service, const char *name)
{
    char address[64];
    struct err err = {0};
    snprintf(address, sizeof address, "inproc://%s", name);
    struct rpc_server_options options = {.name = "events",
                                         .methods = methods,
                                         .service = service,
                                         .address = address,
                                         .workers = 1,
                                         .queue = 64,
                                         .bus_keys = service->keys};
    assert_true(rpc_server_start(&service->server, &options, &err));
    start_publisher(service, name);
}

static inline void stop_service(struct topic_service *service)
{
    bus_publisher_close(service->publisher);
    rpc_server_stop(service->server);
}

static inline void publish_next(struct topic_service *service, struct kept *kept)
{
    struct arena arena;
    arena_init(&arena, 4096);
    Bus__Notice *notice = make_notice(&arena, kept->name, atomic_load(&kept->head) + 1);
    atomic_fetch_add(&kept->head, 1);
    bus_publish(service->publisher, notice);
    arena_finish(&arena);
}

// ---- A subscriber that records what it gets

struct listener {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    uint64_t seen[4]; // last seq per stream, by the number at the name's end
    uint64_t count;
    uint64_t repeats, gaps, wrong_payloads;
    bool held;    // the handler waits
    int refusals; // how many deliveries to refuse
    struct bus_subscriber *subscriber;
};

static inline bool write_down(struct listener *listener, const Bus__Notice *notice)
{
    int stream = notice->stream[strlen(notice->stream) - 1] - '0';
    char expected[24];
    snprintf(expected, sizeof expected, "%llu", (unsigned long long)notice->seq);
    if (listener->refusals > 0) return listener->refusals--, false;
    if (notice->seq <= listener->seen[stream]) listener->repeats++;
    if (notice->seq > listener->seen[stream] + 1 && listener->seen[stream]) listener->gaps++;
    bool same = notice->payload.len == strlen(expected) &&
                memcmp(notice->payload.data, expected, notice->payload.len) == 0;
    if (!same) listener->wrong_payloads++;
    listener->seen[stream] = notice->seq;
    listener->count++;
    return true;
}

static inline bool on_notice(void *arg, const Bus__Notice *notice)
{
    struct listener *listener = arg;
    pthread_mutex_lock(&listener->mutex);
    while (listener->held) pthread_cond_wait(&listener->wake, &listener->mutex);
    bool taken = write_down(listener, notice);
    pthread_cond_broadcast(&listener->wake);
    pthread_mutex_unlock(&listener->mutex);
    return taken;
}

static inline void hold(struct listener *listener, bool held)
{
    pthread_mutex_lock(&listener->mutex);
    listener->held = held;
    pthread_cond_broadcast(&listener->wake);
    pthread_mutex_unlock(&listener->mutex);
}

static inline void wait_seen(struct listener *listener, int stream, uint64_t seq)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    pthread_mutex_lock(&listener->mutex);
    while (listener->seen[stream] < seq && wait_until(&listener->wake, &listener->mutex, until_ms)) continue;
    assert_true(listener->seen[stream] >= seq);
    pthread_mutex_unlock(&listener->mutex);
}

static inline void wait_caught_up(struct listener *listener)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (bus_subscriber_age_ms(listener->subscriber) == INT64_MAX && clock_mono_ms() < until_ms)
        sched_yield();
    assert_true(bus_subscriber_age_ms(listener->subscriber) < PATIENCE_MS);
}

static inline void listen_to(struct listener *listener, const char *name,
                             struct bus_subscriber_options options)
{
    char address[64], bus[64];
    struct err err = {0};
    snprintf(address, sizeof address, "inproc://%s", name);
    snprintf(bus, sizeof bus, "inproc://%s-bus", name);
    pthread_mutex_init(&listener->mutex, NULL);
    wait_init(&listener->wake);
    options.address = bus;
    options.self = CONSE__ASKER__VALUE__GATEWAY;
    options.feed_service = "events";
    options.feed_address = address;
    options.handler = on_notice;
    options.arg = listener;
    assert_true(bus_subscriber_start(&listener->subscriber, &options, &err));
}

static inline void stop_listening(struct listener *listener) { bus_subscriber_stop(listener->subscriber); }

static inline void assert_in_order(const struct listener *listener)
{
    assert_int_equal(listener->repeats, 0);
    assert_int_equal(listener->gaps, 0);
    assert_int_equal(listener->wrong_payloads, 0);
}

#endif
