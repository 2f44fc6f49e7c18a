// Topics with bus keys: who does not have them is not heard, and what was recorded is not heard again.
#include "lib/bus/testing/world.h"

#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>

#include "lib/bus/wire.h"
#include "lib/rpc/seal.h"
#include "lib/rpc/testing/keys.h"

enum { SILENT_MS = 1000, RECORDED = 4 };

static struct topic_service service;
static struct listener listener;

// A service and its listener, which has these keys and hears a second publisher beside it.
static void begin(const char *name, struct bus_keys *listeners, const char *another)
{
    char bus[128], feed[64];
    struct err err;
    service = (struct topic_service){.streams = {{.name = "events.0"}}, .count = 1, .keys = keys_of(1, 0)};
    listener = (struct listener){0};
    start_service(&service, name);
    pthread_mutex_init(&listener.mutex, NULL);
    wait_init(&listener.wake);
    snprintf(bus, sizeof bus, "inproc://%s-bus%s%s", name, another ? "," : "", another ? another : "");
    snprintf(feed, sizeof feed, "inproc://%s", name);
    const struct bus_subscriber_options options = {.self = CONSE__ASKER__VALUE__GATEWAY,
                                                   .pattern = "events.*",
                                                   .address = bus,
                                                   .feed_service = "events",
                                                   .feed_address = feed,
                                                   .bus_keys = listeners,
                                                   .handler = on_notice,
                                                   .arg = &listener};
    assert_true(bus_subscriber_start(&listener.subscriber, &options, &err));
}

static void end(void)
{
    stop_listening(&listener);
    stop_service(&service);
    bus_keys_destroy(service.keys);
}

static void wait_silence(void)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (bus_subscriber_age_ms(listener.subscriber) < 2 * SILENT_MS)
        assert_true(clock_mono_ms() < until_ms);
}

static void notices_and_heads_are_heard(void **state)
{
    (void)state;
    struct bus_keys *theirs = keys_of(1, 0);
    begin("sealed", theirs, NULL);
    wait_caught_up(&listener);
    publish_next(&service, &service.streams[0]);
    wait_seen(&listener, 0, 1);
    assert_in_order(&listener);
    end();
    bus_keys_destroy(theirs);
}

// The feed is asked with the right key, so only the topics can be what is not heard.
static void a_publisher_of_another_service_is_not_heard(void **state)
{
    (void)state;
    struct bus_publisher *foreign;
    struct err err;
    struct bus_keys *theirs = keys_of(1, 0);
    const struct bus_publisher_options options = {
        .service = "auth", .address = "inproc://sealed-foreign", .bus_keys = theirs};
    assert_true(bus_publisher_open(&foreign, &options, &err));
    begin("sealed-own", theirs, options.address);
    wait_caught_up(&listener);
    bus_publisher_close(service.publisher);
    service.publisher = NULL;
    wait_silence(); // though the other one announces something every 250 ms
    bus_publisher_close(foreign);
    end();
    bus_keys_destroy(theirs);
}

static void record(const char *address, nng_msg *messages[RECORDED])
{
    nng_socket socket;
    assert_int_equal(nng_sub0_open(&socket), 0);
    assert_int_equal(nng_socket_set(socket, NNG_OPT_SUB_SUBSCRIBE, "", 0), 0);
    assert_int_equal(nng_socket_set_ms(socket, NNG_OPT_RECVTIMEO, PATIENCE_MS), 0);
    assert_int_equal(nng_dial(socket, address, NULL, 0), 0);
    for (int i = 0; i < RECORDED; i++) assert_int_equal(nng_recvmsg(socket, &messages[i], 0), 0);
    nng_close(socket);
}

static void play(nng_socket socket, nng_msg *const messages[RECORDED])
{
    for (int i = 0; i < RECORDED; i++) {
        nng_msg *copy;
        assert_int_equal(nng_msg_dup(&copy, messages[i]), 0);
        if (nng_sendmsg(socket, copy, NNG_FLAG_NONBLOCK) != 0) nng_msg_free(copy);
    }
}

// Else it could pass for a publisher that is gone.
static void what_was_recorded_does_not_count_as_heard(void **state)
{
    (void)state;
    nng_socket rogue;
    nng_msg *messages[RECORDED];
    struct bus_keys *theirs = keys_of(1, 0);
    assert_int_equal(nng_pub0_open(&rogue), 0);
    assert_int_equal(nng_listen(rogue, "inproc://sealed-rogue", NULL, 0), 0);
    begin("sealed-recorded", theirs, "inproc://sealed-rogue");
    wait_caught_up(&listener);
    record("inproc://sealed-recorded-bus", messages);
    bus_publisher_close(service.publisher);
    service.publisher = NULL;
    int64_t until_ms = clock_mono_ms() + SEAL_SKEW_MS / 2; // their time does not refuse them by then
    while (bus_subscriber_age_ms(listener.subscriber) < 2 * SILENT_MS) {
        assert_true(clock_mono_ms() < until_ms);
        play(rogue, messages);
    }
    for (int i = 0; i < RECORDED; i++) nng_msg_free(messages[i]);
    nng_close(rogue);
    end();
    bus_keys_destroy(theirs);
}

static void keys_are_rolled_while_topics_flow(void **state)
{
    (void)state;
    const struct bus_key_list steps[] = {key_list_of(1, 2), key_list_of(2, 1), key_list_of(2, 0)};
    struct bus_keys *theirs = keys_of(1, 0);
    begin("sealed-rolled-topics", theirs, NULL);
    wait_caught_up(&listener);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        bus_keys_set(theirs, &steps[i]);
        publish_next(&service, &service.streams[0]);
        wait_seen(&listener, 0, 2 * i + 1);
        bus_keys_set(service.keys, &steps[i]);
        publish_next(&service, &service.streams[0]);
        wait_seen(&listener, 0, 2 * i + 2);
    }
    assert_in_order(&listener);
    end();
    bus_keys_destroy(theirs);
}

static void a_restarted_publisher_is_heard(void **state)
{
    (void)state;
    struct bus_keys *theirs = keys_of(1, 0);
    begin("sealed-restarted", theirs, NULL);
    wait_caught_up(&listener);
    for (int i = 0; i < 3; i++) {
        publish_next(&service, &service.streams[0]);
        wait_seen(&listener, 0, (uint64_t)i + 1);
        bus_publisher_close(service.publisher);
        start_publisher(&service, "sealed-restarted");
    }
    assert_in_order(&listener);
    end();
    bus_keys_destroy(theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notices_and_heads_are_heard),
        cmocka_unit_test(a_publisher_of_another_service_is_not_heard),
        cmocka_unit_test(what_was_recorded_does_not_count_as_heard),
        cmocka_unit_test(keys_are_rolled_while_topics_flow),
        cmocka_unit_test(a_restarted_publisher_is_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
