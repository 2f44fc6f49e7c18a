// Topics end to end: a publisher, the feed of a service that keeps its notices in memory, and subscribers.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/bus.h"
#include "lib/bus_streams.h"
#include "lib/bus_wire.h"
#include "lib/clock.h"
#include "lib/feed.h"
#include "lib/rpc_frame.h"

enum { FLOOD = 100000, PATIENCE_MS = 60000 };

// ---- A service with one stream per name, each entry's payload being its number

struct kept {
    const char *name;
    _Atomic uint64_t head;
    uint64_t oldest;
    bool is_private;
};

struct topic_service {
    struct kept streams[4];
    size_t count;
    _Atomic int reads;
    struct bus_publisher *publisher;
    struct rpc_server *server;
};

static struct kept *find_kept(struct topic_service *service, const char *name)
{
    for (size_t i = 0; i < service->count; i++)
        if (strcmp(service->streams[i].name, name) == 0) return &service->streams[i];
    return NULL;
}

static Bus__Notice *make_notice(struct arena *arena, const char *stream, uint64_t seq)
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

static bool read_kept(struct rpc_call *call, const char *name, uint64_t from, size_t limit,
                      struct feed_page *page, struct err *err)
{
    struct topic_service *service = call->service;
    struct kept *kept = find_kept(service, name);
    atomic_fetch_add(&service->reads, 1);
    if (!kept) return err_fail(err, NOT_FOUND, "no stream %s", name);
    page->head = atomic_load(&kept->head);
    page->oldest = kept->oldest;
    if (kept->oldest > from) from = kept->oldest;
    page->notices = arena_array(call->arena, limit, sizeof(Bus__Notice *));
    for (uint64_t seq = from; seq <= page->head && page->count < limit && page->notices; seq++)
        page->notices[page->count++] = make_notice(call->arena, kept->name, seq);
    return true;
}

static bool heads_kept(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
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

static const struct feed_source source = {read_kept, heads_kept};

HANDLER(answer_read, Bus__ReadRequest, Bus__ReadReply)
{
    return feed_read(call, &source, request, reply, err);
}
HANDLER(answer_heads, Bus__HeadsRequest, Bus__Heads)
{
    return feed_list_heads(call, &source, request, reply, err);
}

static const struct rpc_method methods[] = {
    RPC_METHOD("events.feed.Read", answer_read), RPC_METHOD("events.feed.ListHeads", answer_heads), {0}};

static void start_publisher(struct topic_service *service, const char *name)
{
    char address[64];
    struct err err = {0};
    snprintf(address, sizeof address, "inproc://%s-bus", name);
    assert_true(bus_publisher_open(&service->publisher, address, NULL, &err));
}

static void start_service(struct topic_service *service, const char *name)
{
    char address[64];
    struct err err = {0};
    snprintf(address, sizeof address, "inproc://%s", name);
    struct rpc_server_options options = {.name = "events",
                                         .methods = methods,
                                         .service = service,
                                         .address = address,
                                         .workers = 1,
                                         .queue = 64};
    assert_true(rpc_server_start(&service->server, &options, &err));
    start_publisher(service, name);
}

static void stop_service(struct topic_service *service)
{
    bus_publisher_close(service->publisher);
    rpc_server_stop(service->server);
}

static void publish_next(struct topic_service *service, struct kept *kept)
{
    struct arena arena;
    arena_init(&arena, 4096);
    Bus__Notice *notice = make_notice(&arena, kept->name, atomic_load(&kept->head) + 1);
    atomic_fetch_add(&kept->head, 1);
    bus_publish(service->publisher, notice, kept->is_private);
    arena_finish(&arena);
}

// ---- A subscriber that writes down what it gets

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

static bool write_down(struct listener *listener, const Bus__Notice *notice)
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

static bool on_notice(void *arg, const Bus__Notice *notice)
{
    struct listener *listener = arg;
    pthread_mutex_lock(&listener->mutex);
    while (listener->held) pthread_cond_wait(&listener->wake, &listener->mutex);
    bool taken = write_down(listener, notice);
    pthread_cond_broadcast(&listener->wake);
    pthread_mutex_unlock(&listener->mutex);
    return taken;
}

static void hold(struct listener *listener, bool held)
{
    pthread_mutex_lock(&listener->mutex);
    listener->held = held;
    pthread_cond_broadcast(&listener->wake);
    pthread_mutex_unlock(&listener->mutex);
}

static void wait_seen(struct listener *listener, int stream, uint64_t seq)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_MS / 1000;
    pthread_mutex_lock(&listener->mutex);
    int rv = 0;
    while (listener->seen[stream] < seq && rv == 0)
        rv = pthread_cond_timedwait(&listener->wake, &listener->mutex, &until);
    pthread_mutex_unlock(&listener->mutex);
    assert_int_equal(rv, 0);
}

static void wait_caught_up(struct listener *listener)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (bus_subscriber_age_ms(listener->subscriber) == INT64_MAX && clock_mono_ms() < until_ms)
        sched_yield();
    assert_true(bus_subscriber_age_ms(listener->subscriber) < PATIENCE_MS);
}

static void listen_to(struct listener *listener, const char *name, struct bus_subscriber_options options)
{
    char address[64], bus[64];
    struct err err = {0};
    snprintf(address, sizeof address, "inproc://%s", name);
    snprintf(bus, sizeof bus, "inproc://%s-bus", name);
    pthread_mutex_init(&listener->mutex, NULL);
    pthread_cond_init(&listener->wake, NULL);
    options.address = bus;
    options.feed_service = "events";
    options.feed_address = address;
    options.handler = on_notice;
    options.arg = listener;
    assert_true(bus_subscriber_start(&listener->subscriber, &options, &err));
}

static void stop_listening(struct listener *listener) { bus_subscriber_stop(listener->subscriber); }

static void assert_in_order(const struct listener *listener)
{
    assert_int_equal(listener->repeats, 0);
    assert_int_equal(listener->gaps, 0);
    assert_int_equal(listener->wrong_payloads, 0);
}

// ---- Tests

static void a_flooded_subscriber_gets_every_notice_in_order_once(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0"}}, .count = 1};
    struct listener listener = {.held = true};
    start_service(&service, "flood");
    listen_to(&listener, "flood", (struct bus_subscriber_options){.pattern = "events.0", .from_start = true});
    wait_caught_up(&listener);
    for (int i = 0; i < FLOOD; i++) publish_next(&service, &service.streams[0]);
    hold(&listener, false);
    wait_seen(&listener, 0, FLOOD);
    assert_int_equal(listener.count, FLOOD);
    assert_in_order(&listener);
    assert_true(atomic_load(&service.reads) > 0); // most were lost on the way
    stop_listening(&listener);
    stop_service(&service);
}

static void what_was_published_before_the_start_is_read(void **state)
{
    (void)state;
    struct topic_service service = {
        .streams = {{.name = "events.0", .head = 1234}, {.name = "events.1", .head = 7}}, .count = 2};
    struct listener listener = {0};
    start_service(&service, "before");
    listen_to(&listener, "before",
              (struct bus_subscriber_options){.pattern = "events.*", .from_start = true});
    wait_seen(&listener, 0, 1234);
    wait_seen(&listener, 1, 7);
    assert_int_equal(listener.count, 1234 + 7);
    assert_in_order(&listener);
    stop_listening(&listener);
    stop_service(&service);
}

static void from_now_on_skips_the_past_but_nothing_new(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0", .head = 50}, {.name = "events.1"}},
                                    .count = 2};
    struct listener listener = {0};
    start_service(&service, "now");
    listen_to(&listener, "now", (struct bus_subscriber_options){.pattern = "events.*"});
    wait_caught_up(&listener);
    publish_next(&service, &service.streams[0]);
    publish_next(&service, &service.streams[1]);
    wait_seen(&listener, 0, 51);
    wait_seen(&listener, 1, 1);
    assert_int_equal(listener.count, 2);
    stop_listening(&listener);
    stop_service(&service);
}

static void a_consumer_goes_on_at_its_own_cursor(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0", .head = 100}}, .count = 1};
    const struct bus_cursor cursor = {"events.0", 90};
    struct listener listener = {.seen = {90}};
    start_service(&service, "cursor");
    listen_to(&listener, "cursor",
              (struct bus_subscriber_options){.pattern = "events.*", .cursors = &cursor, .cursors_count = 1});
    wait_seen(&listener, 0, 100);
    assert_int_equal(listener.count, 10);
    assert_in_order(&listener);
    stop_listening(&listener);
    stop_service(&service);
}

static void a_gap_is_read(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0"}}, .count = 1};
    struct listener listener = {0};
    start_service(&service, "last");
    listen_to(&listener, "last", (struct bus_subscriber_options){.pattern = "events.*"});
    wait_caught_up(&listener);
    atomic_store(&service.streams[0].head, 3); // 1 to 3 never arrive by topic
    publish_next(&service, &service.streams[0]);
    wait_seen(&listener, 0, 4);
    assert_int_equal(listener.count, 4);
    assert_in_order(&listener);
    stop_listening(&listener);
    stop_service(&service);
}

static void a_refused_notice_comes_again(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0"}}, .count = 1};
    struct listener listener = {.refusals = 3};
    start_service(&service, "refused");
    listen_to(&listener, "refused", (struct bus_subscriber_options){.pattern = "events.*"});
    wait_caught_up(&listener);
    for (int i = 0; i < 10; i++) publish_next(&service, &service.streams[0]);
    wait_seen(&listener, 0, 10);
    assert_int_equal(listener.count, 10);
    assert_in_order(&listener);
    stop_listening(&listener);
    stop_service(&service);
}

static void a_private_notice_is_read_by_the_feed(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0", .is_private = true}}, .count = 1};
    struct listener listener = {0};
    start_service(&service, "private");
    listen_to(&listener, "private",
              (struct bus_subscriber_options){.pattern = "events.*", .fetch_private = true});
    wait_caught_up(&listener);
    for (int i = 0; i < 5; i++) publish_next(&service, &service.streams[0]);
    wait_seen(&listener, 0, 5);
    assert_in_order(&listener); // payloads included
    stop_listening(&listener);
    stop_service(&service);
}

static void what_is_no_longer_kept_is_skipped(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0", .head = 100, .oldest = 60}}, .count = 1};
    struct listener listener = {0};
    start_service(&service, "oldest");
    listen_to(&listener, "oldest",
              (struct bus_subscriber_options){.pattern = "events.*", .from_start = true});
    wait_seen(&listener, 0, 100);
    assert_int_equal(listener.count, 41);
    stop_listening(&listener);
    stop_service(&service);
}

static void a_restarted_publisher_is_followed_on(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0"}}, .count = 1};
    struct listener listener = {0};
    start_service(&service, "restart");
    listen_to(&listener, "restart", (struct bus_subscriber_options){.pattern = "events.*"});
    wait_caught_up(&listener);
    publish_next(&service, &service.streams[0]);
    wait_seen(&listener, 0, 1);
    bus_publisher_close(service.publisher);
    atomic_store(&service.streams[0].head, 20); // published while nobody was connected
    start_publisher(&service, "restart");
    wait_seen(&listener, 0, 20);
    assert_int_equal(listener.count, 20);
    assert_in_order(&listener);
    stop_listening(&listener);
    stop_service(&service);
}

static void a_subscriber_connects_though_its_first_handshakes_were_cut_short(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0"}}, .count = 1};
    struct listener listener = {0};
    struct err err = {0};
    char folder[] = "/tmp/bus_test.XXXXXX", bus[64], command[64];
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    assert_non_null(mkdtemp(folder));
    snprintf(bus, sizeof bus, "ipc://%s/bus.ipc", folder);
    snprintf(name.sun_path, sizeof name.sun_path, "%s/bus.ipc", folder);
    start_service(&service, "cut");
    bus_publisher_close(service.publisher);
    pthread_mutex_init(&listener.mutex, NULL);
    pthread_cond_init(&listener.wake, NULL);
    const struct bus_subscriber_options options = {.pattern = "events.*",
                                                   .address = bus,
                                                   .feed_service = "events",
                                                   .feed_address = "inproc://cut",
                                                   .handler = on_notice,
                                                   .arg = &listener};
    assert_true(bus_subscriber_start(&listener.subscriber, &options, &err));
    for (int i = 0; i < 3; i++) { // a publisher that dies before it has said hello
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
        assert_int_equal(listen(fd, 8), 0);
        close(accept(fd, NULL, NULL));
        close(fd);
        unlink(name.sun_path);
    }
    assert_true(bus_publisher_open(&service.publisher, bus, NULL, &err));
    wait_caught_up(&listener);
    publish_next(&service, &service.streams[0]);
    wait_seen(&listener, 0, 1);
    stop_listening(&listener);
    stop_service(&service);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

static void every_publisher_behind_the_address_is_followed(void **state)
{
    (void)state;
    struct topic_service a = {.streams = {{.name = "events.0"}}, .count = 1},
                         b = {.streams = {{.name = "events.1"}}, .count = 1};
    struct listener listener = {0};
    struct err err = {0};
    start_service(&a, "several-a");
    start_publisher(&b, "several-b");
    pthread_mutex_init(&listener.mutex, NULL);
    pthread_cond_init(&listener.wake, NULL);
    const struct bus_subscriber_options options = {.pattern = "events.*",
                                                   .address = "inproc://several-a-bus,inproc://several-b-bus",
                                                   .feed_service = "events",
                                                   .feed_address = "inproc://several-a",
                                                   .handler = on_notice,
                                                   .arg = &listener};
    assert_true(bus_subscriber_start(&listener.subscriber, &options, &err));
    wait_caught_up(&listener);
    publish_next(&a, &a.streams[0]);
    wait_seen(&listener, 0, 1);
    uint64_t seq = 0; // b's connection may be up later than a's, and its feed is not read here
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (seq == 0 && clock_mono_ms() < until_ms) {
        atomic_store(&b.streams[0].head, 0);
        publish_next(&b, &b.streams[0]);
        pthread_mutex_lock(&listener.mutex);
        seq = listener.seen[1];
        pthread_mutex_unlock(&listener.mutex);
    }
    assert_int_equal(seq, 1);
    stop_listening(&listener);
    bus_publisher_close(b.publisher);
    stop_service(&a);
}

static void the_publisher_is_heard_though_nothing_happens(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0"}}, .count = 1};
    struct listener listener = {0};
    start_service(&service, "idle");
    listen_to(&listener, "idle", (struct bus_subscriber_options){.pattern = "events.*"});
    wait_caught_up(&listener);
    int64_t until_ms = clock_mono_ms() + 1000;
    while (clock_mono_ms() < until_ms) assert_true(bus_subscriber_age_ms(listener.subscriber) < 900);
    bus_publisher_close(service.publisher);
    service.publisher = NULL;
    while (bus_subscriber_age_ms(listener.subscriber) < 1000)
        assert_true(clock_mono_ms() < until_ms + PATIENCE_MS);
    stop_listening(&listener);
    stop_service(&service);
}

static void patterns_match_by_prefix_or_wholly(void **state)
{
    (void)state;
    assert_true(bus_matches("events.*", "events.1.public"));
    assert_true(bus_matches("*", "events.1.public"));
    assert_true(bus_matches("events.1", "events.1"));
    assert_false(bus_matches("events.1", "events.10"));
    assert_false(bus_matches("events.*", "users.1"));
}

static void a_message_without_the_key_is_refused(void **state)
{
    (void)state;
    const uint8_t key[32] = {1}, other[32] = {2};
    Bus__Heads heads = BUS__HEADS__INIT;
    const char *topic;
    ProtobufCBinaryData body;
    nng_msg *message = bus_wire_pack("heads", &heads.base, key);
    assert_false(bus_wire_open(message, other, &topic, &body));
    assert_true(bus_wire_open(message, key, &topic, &body));
    assert_string_equal(topic, "heads");
    nng_msg_free(message);
    message = bus_wire_pack("heads", &heads.base, NULL);
    assert_false(bus_wire_open(message, key, &topic, &body));
    nng_msg_free(message);
}

static void the_stream_touched_longest_ago_gives_way(void **state)
{
    (void)state;
    struct bus_streams streams;
    bool made;
    bus_streams_init(&streams, 2);
    bus_streams_get(&streams, "a", &made)->cursor = 1;
    bus_streams_get(&streams, "b", &made)->cursor = 2;
    bus_streams_get(&streams, "a", &made);
    assert_false(made);
    bus_streams_get(&streams, "c", &made);
    assert_true(made);
    assert_null(bus_streams_find(&streams, "b"));
    assert_int_equal(bus_streams_find(&streams, "a")->cursor, 1);
    bus_streams_finish(&streams);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_by_prefix_or_wholly),
        cmocka_unit_test(a_message_without_the_key_is_refused),
        cmocka_unit_test(the_stream_touched_longest_ago_gives_way),
        cmocka_unit_test(what_was_published_before_the_start_is_read),
        cmocka_unit_test(from_now_on_skips_the_past_but_nothing_new),
        cmocka_unit_test(a_consumer_goes_on_at_its_own_cursor),
        cmocka_unit_test(a_gap_is_read),
        cmocka_unit_test(a_refused_notice_comes_again),
        cmocka_unit_test(a_private_notice_is_read_by_the_feed),
        cmocka_unit_test(what_is_no_longer_kept_is_skipped),
        cmocka_unit_test(a_restarted_publisher_is_followed_on),
        cmocka_unit_test(a_subscriber_connects_though_its_first_handshakes_were_cut_short),
        cmocka_unit_test(every_publisher_behind_the_address_is_followed),
        cmocka_unit_test(the_publisher_is_heard_though_nothing_happens),
        cmocka_unit_test(a_flooded_subscriber_gets_every_notice_in_order_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
