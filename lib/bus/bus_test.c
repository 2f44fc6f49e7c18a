// Topics end to end: a publisher, the feed of a service that keeps its notices in memory, and subscribers.
#include "lib/bus/testing/world.h"

#include <nng/nng.h>
#include <nng/protocol/pubsub0/sub.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/bus/streams.h"
#include "lib/bus/wire.h"

enum { FLOOD = 100000 };

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
    struct topic_service service = {.streams = {{.name = "events.0"}}, .count = 1, .is_private = true};
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

static void publish_body(struct bus_publisher *publisher, const char *stream)
{
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    Bus__Notice notice = BUS__NOTICE__INIT;
    notice.stream = stream;
    notice.seq = 4;
    notice.time = &time;
    notice.kind = "KIND";
    notice.payload = (ProtobufCBinaryData){4, (uint8_t *)"body"};
    bus_publish(publisher, &notice);
}

static void assert_heard(nng_socket socket, const char *stream, bool whole)
{
    nng_msg *message;
    const char *topic;
    ProtobufCBinaryData body;
    assert_int_equal(nng_recvmsg(socket, &message, 0), 0);
    assert_true(bus_wire_split(message, &topic, &body));
    assert_string_equal(topic, stream);
    Bus__Notice *notice = bus__notice__unpack(NULL, body.len, body.data);
    assert_string_equal(notice->stream, stream);
    assert_int_equal(notice->seq, 4);
    assert_int_equal(notice->payload.len, whole ? 4 : 0);
    assert_string_equal(notice->kind, whole ? "KIND" : "");
    assert_true(whole ? notice->time != NULL : !notice->time);
    bus__notice__free_unpacked(notice, NULL);
    nng_msg_free(message);
}

// By then the publisher knows of the socket.
static void hear_heads(nng_socket socket)
{
    nng_msg *message;
    nng_socket_set(socket, NNG_OPT_SUB_SUBSCRIBE, BUS_HEADS_TOPIC, strlen(BUS_HEADS_TOPIC));
    assert_int_equal(nng_recvmsg(socket, &message, 0), 0);
    nng_msg_free(message);
    nng_socket_set(socket, NNG_OPT_SUB_UNSUBSCRIBE, BUS_HEADS_TOPIC, strlen(BUS_HEADS_TOPIC));
}

// What is not declared has no body on the wire.
static void bodies_travel_of_what_is_declared_as_pushed(void **state)
{
    (void)state;
    static const char *const private[] = {"events.1.god", "users.1", "auth.names", "events.nothing"};
    struct bus_publisher *publisher;
    struct err err;
    nng_socket socket;
    const struct bus_publisher_options options = {.service = "events", .address = "inproc://pushed-bus"};
    assert_true(bus_publisher_open(&publisher, &options, &err));
    assert_int_equal(nng_sub0_open(&socket), 0);
    nng_socket_set(socket, NNG_OPT_SUB_SUBSCRIBE, "events.", strlen("events."));
    nng_socket_set(socket, NNG_OPT_SUB_SUBSCRIBE, "users.", strlen("users."));
    nng_socket_set(socket, NNG_OPT_SUB_SUBSCRIBE, "auth.", strlen("auth."));
    nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, PATIENCE_MS);
    assert_int_equal(nng_dial(socket, options.address, NULL, 0), 0);
    hear_heads(socket);
    for (size_t i = 0; i < sizeof private / sizeof *private; i++) {
        publish_body(publisher, private[i]);
        assert_heard(socket, private[i], false);
    }
    for (int i = 0; i < 2; i++) {
        publish_body(publisher, "events.1.public");
        assert_heard(socket, "events.1.public", true);
    }
    nng_close(socket);
    bus_publisher_close(publisher);
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
    char folder[TEST_FOLDER_BYTES], bus[64];
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    test_folder_make(folder);
    snprintf(bus, sizeof bus, "ipc://%s/bus.ipc", folder);
    snprintf(name.sun_path, sizeof name.sun_path, "%s/bus.ipc", folder);
    start_service(&service, "cut");
    bus_publisher_close(service.publisher);
    pthread_mutex_init(&listener.mutex, NULL);
    wait_init(&listener.wake);
    const struct bus_subscriber_options options = {.self = CONSE__ASKER__VALUE__GATEWAY,
                                                   .pattern = "events.*",
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
    const struct bus_publisher_options to = {
        .service = "events", .address = bus, .streams = streams_of_tests};
    assert_true(bus_publisher_open(&service.publisher, &to, &err));
    wait_caught_up(&listener);
    publish_next(&service, &service.streams[0]);
    wait_seen(&listener, 0, 1);
    stop_listening(&listener);
    stop_service(&service);
    test_folder_remove(folder);
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
    wait_init(&listener.wake);
    const struct bus_subscriber_options options = {.self = CONSE__ASKER__VALUE__GATEWAY,
                                                   .pattern = "events.*",
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

static void streams_that_are_behind_are_read_in_turn(void **state)
{
    (void)state;
    struct bus_streams streams;
    bool made;
    bus_streams_init(&streams, 4);
    struct bus_stream *a = bus_streams_get(&streams, "a", &made), *b = bus_streams_get(&streams, "b", &made);
    bus_streams_mark_behind(&streams, b);
    bus_streams_mark_behind(&streams, a);
    bus_streams_mark_behind(&streams, b);
    assert_ptr_equal(bus_streams_pop_behind(&streams), b);
    assert_ptr_equal(bus_streams_pop_behind(&streams), a);
    assert_null(bus_streams_pop_behind(&streams));
    static const int64_t pauses_ms[] = {50, 100, 200, 400, 800, 1600, 3200, 5000, 5000};
    for (size_t i = 0; i < sizeof pauses_ms / sizeof *pauses_ms; i++) {
        bus_streams_retry(&streams, a, 1000);
        assert_int_equal(a->retry_ms, 1000 + pauses_ms[i]);
        assert_ptr_equal(bus_streams_pop_behind(&streams), a);
    }
    bus_streams_finish(&streams);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_by_prefix_or_wholly),
        cmocka_unit_test(the_stream_touched_longest_ago_gives_way),
        cmocka_unit_test(streams_that_are_behind_are_read_in_turn),
        cmocka_unit_test(what_was_published_before_the_start_is_read),
        cmocka_unit_test(from_now_on_skips_the_past_but_nothing_new),
        cmocka_unit_test(a_consumer_goes_on_at_its_own_cursor),
        cmocka_unit_test(a_gap_is_read),
        cmocka_unit_test(a_refused_notice_comes_again),
        cmocka_unit_test(a_private_notice_is_read_by_the_feed),
        cmocka_unit_test(bodies_travel_of_what_is_declared_as_pushed),
        cmocka_unit_test(what_is_no_longer_kept_is_skipped),
        cmocka_unit_test(a_restarted_publisher_is_followed_on),
        cmocka_unit_test(a_subscriber_connects_though_its_first_handshakes_were_cut_short),
        cmocka_unit_test(every_publisher_behind_the_address_is_followed),
        cmocka_unit_test(the_publisher_is_heard_though_nothing_happens),
        cmocka_unit_test(a_flooded_subscriber_gets_every_notice_in_order_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
