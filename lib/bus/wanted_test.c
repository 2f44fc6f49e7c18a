// Subscribers that want only some streams, and patterns that are added and removed.
#include "lib/bus/patterns.h"
#include "lib/bus/testing/world.h"

enum { ADDED_MOST = 4, ROUNDS = 200, CROWD = 47000 };

// What a subscriber got of each stream, by the number at its name's end.
struct chooser {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    unsigned wanted; // bits
    unsigned flips;  // streams that become wanted by being asked about while they are not
    uint64_t first[10], last[10];
    unsigned count[10], heads[10]; // all, and those without kind
    bool gap;
    char added[ADDED_MOST][32];
    unsigned added_count;
    unsigned hints[10];
    size_t hinted; // bytes of the last one
    struct bus_subscriber *subscriber;
};

static int number_of(const char *stream) { return stream[strlen(stream) - 1] - '0'; }

static bool is_wanted(void *arg, const char *stream)
{
    struct chooser *chooser = arg;
    unsigned bit = 1U << number_of(stream);
    pthread_mutex_lock(&chooser->mutex);
    bool wanted = chooser->wanted & bit;
    chooser->wanted |= chooser->flips & bit;
    pthread_mutex_unlock(&chooser->mutex);
    return wanted;
}

static bool take(void *arg, const Bus__Notice *notice)
{
    struct chooser *chooser = arg;
    int stream = number_of(notice->stream);
    pthread_mutex_lock(&chooser->mutex);
    if (!chooser->count[stream]++) chooser->first[stream] = notice->seq;
    if (chooser->last[stream] && notice->seq != chooser->last[stream] + 1) chooser->gap = true;
    if (!notice->kind[0]) chooser->heads[stream]++;
    chooser->last[stream] = notice->seq;
    pthread_cond_broadcast(&chooser->wake);
    pthread_mutex_unlock(&chooser->mutex);
    return true;
}

static void take_hint(void *arg, const Bus__Notice *hint)
{
    struct chooser *chooser = arg;
    pthread_mutex_lock(&chooser->mutex);
    chooser->hints[number_of(hint->stream)]++;
    chooser->hinted = hint->payload.len;
    pthread_cond_broadcast(&chooser->wake);
    pthread_mutex_unlock(&chooser->mutex);
}

static void note_added(void *arg, const char *pattern)
{
    struct chooser *chooser = arg;
    pthread_mutex_lock(&chooser->mutex);
    snprintf(chooser->added[chooser->added_count++ % ADDED_MOST], 32, "%s", pattern);
    pthread_cond_broadcast(&chooser->wake);
    pthread_mutex_unlock(&chooser->mutex);
}

static void choose(struct chooser *chooser, const char *name, struct bus_subscriber_options options)
{
    char address[64], bus[64];
    struct err err = {0};
    snprintf(address, sizeof address, "inproc://%s", name);
    snprintf(bus, sizeof bus, "inproc://%s-bus", name);
    pthread_mutex_init(&chooser->mutex, NULL);
    wait_init(&chooser->wake);
    options.address = bus;
    options.self = CONSE__ASKER__VALUE__GATEWAY;
    options.feed_service = "events";
    options.feed_address = address;
    options.handler = take;
    options.added = note_added;
    options.arg = chooser;
    assert_true(bus_subscriber_start(&chooser->subscriber, &options, &err));
}

static void want(struct chooser *chooser, unsigned streams)
{
    pthread_mutex_lock(&chooser->mutex);
    chooser->wanted = streams;
    pthread_mutex_unlock(&chooser->mutex);
}

static uint64_t last_of(struct chooser *chooser, int stream)
{
    pthread_mutex_lock(&chooser->mutex);
    uint64_t last = chooser->last[stream];
    pthread_mutex_unlock(&chooser->mutex);
    return last;
}

static void wait_last(struct chooser *chooser, int stream, uint64_t seq)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    pthread_mutex_lock(&chooser->mutex);
    while (chooser->last[stream] < seq && wait_until(&chooser->wake, &chooser->mutex, until_ms)) continue;
    assert_int_equal(chooser->last[stream], seq);
    pthread_mutex_unlock(&chooser->mutex);
}

static void wait_added(struct chooser *chooser, unsigned count)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    pthread_mutex_lock(&chooser->mutex);
    while (chooser->added_count < count && wait_until(&chooser->wake, &chooser->mutex, until_ms)) continue;
    assert_int_equal(chooser->added_count, count);
    pthread_mutex_unlock(&chooser->mutex);
}

static void what_is_not_wanted_is_never_read(void **state)
{
    (void)state;
    struct topic_service service = {
        .streams = {{.name = "events.0", .head = 1000}, {.name = "events.1", .head = 1000}}, .count = 2};
    struct chooser chooser = {.wanted = 1 << 1};
    start_service(&service, "unwanted");
    choose(&chooser, "unwanted", (struct bus_subscriber_options){.pattern = "events.*", .wanted = is_wanted});
    wait_added(&chooser, 1);
    wait_last(&chooser, 1, 1000);
    assert_int_equal(chooser.heads[1], 1); // found in the list
    for (int i = 0; i < 5; i++) {
        atomic_fetch_add(&service.streams[0].head, 7); // gaps
        publish_next(&service, &service.streams[0]);
        publish_next(&service, &service.streams[1]);
    }
    wait_last(&chooser, 1, 1005);
    bus_subscriber_stop(chooser.subscriber);
    assert_int_equal(chooser.count[0], 0);
    assert_int_equal(chooser.count[1], 6);
    assert_false(chooser.gap);
    assert_int_equal(atomic_load(&service.streams[0].reads), 0); // the other's may be, when notices are lost
    stop_service(&service);
}

static void publish_hint(struct topic_service *service, const char *stream)
{
    Bus__Notice hint = BUS__NOTICE__INIT;
    hint.stream = stream;
    hint.payload = (ProtobufCBinaryData){strlen(stream), (uint8_t *)stream};
    bus_hint(service->publisher, &hint);
}

// They are of wanted streams, told to who takes them, and change nothing of what is known of the stream.
static void hints_are_heard_and_forgotten(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0"}, {.name = "events.1"}}, .count = 2};
    struct chooser chooser = {.wanted = 1 << 1}, other = {.wanted = 3};
    start_service(&service, "hints");
    choose(&chooser, "hints",
           (struct bus_subscriber_options){.pattern = "events.*", .wanted = is_wanted, .hint = take_hint});
    choose(&other, "hints", (struct bus_subscriber_options){.pattern = "events.*", .wanted = is_wanted});
    wait_added(&chooser, 1);
    wait_added(&other, 1);
    publish_next(&service, &service.streams[1]);
    wait_last(&chooser, 1, 1);
    wait_last(&other, 1, 1);
    publish_hint(&service, "events.0");
    publish_hint(&service, "users.1");
    publish_hint(&service, "events.1");
    publish_next(&service, &service.streams[1]);
    wait_last(&chooser, 1, 2);
    wait_last(&other, 1, 2);
    bus_subscriber_stop(chooser.subscriber);
    bus_subscriber_stop(other.subscriber);
    assert_int_equal(chooser.hints[1], 1);
    assert_int_equal(chooser.hinted, strlen("events.1"));
    assert_int_equal(chooser.hints[0] + other.hints[0] + other.hints[1], 0);
    assert_false(chooser.gap || other.gap);
    assert_int_equal(atomic_load(&service.reads), 0);
    stop_service(&service);
}

// After a restore its number may be lower than the one that was heard last.
static void a_wanted_stream_of_other_content_is_heard_from_where_it_is(void **state)
{
    (void)state;
    struct topic_service service = {
        .streams = {{.name = "events.0", .head = 1000}}, .count = 1, .generation = 7};
    struct chooser chooser = {.wanted = 1};
    start_service(&service, "restored");
    choose(&chooser, "restored", (struct bus_subscriber_options){.pattern = "events.*", .wanted = is_wanted});
    wait_last(&chooser, 0, 1000);
    stop_service(&service);
    atomic_store(&service.generation, 8);
    atomic_store(&service.streams[0].head, 20);
    pthread_mutex_lock(&chooser.mutex);
    chooser.last[0] = 0;
    pthread_mutex_unlock(&chooser.mutex);
    start_service(&service, "restored");
    wait_last(&chooser, 0, 20);
    assert_int_equal(atomic_load(&service.reads), 0);
    publish_next(&service, &service.streams[0]);
    wait_last(&chooser, 0, 21);
    bus_subscriber_stop(chooser.subscriber);
    stop_service(&service);
}

static void a_wanted_stream_begins_where_it_is_heard_of_and_goes_on_without_a_gap(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0", .head = 40}}, .count = 1};
    struct chooser chooser = {0};
    start_service(&service, "begins");
    choose(&chooser, "begins", (struct bus_subscriber_options){.pattern = "events.*", .wanted = is_wanted});
    wait_added(&chooser, 1);
    want(&chooser, 1);
    publish_next(&service, &service.streams[0]);
    wait_last(&chooser, 0, 41);
    atomic_store(&service.streams[0].head, 44); // never published
    publish_next(&service, &service.streams[0]);
    wait_last(&chooser, 0, 45);
    bus_subscriber_stop(chooser.subscriber);
    assert_int_equal(chooser.first[0], 41);
    assert_int_equal(chooser.count[0], 5);
    assert_false(chooser.gap);
    stop_service(&service);
}

// The stream becomes wanted just after its only notice went by.
static void a_first_notice_that_is_lost_is_told_by_its_head(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0", .head = 40}}, .count = 1};
    struct chooser chooser = {0};
    start_service(&service, "lost");
    choose(&chooser, "lost", (struct bus_subscriber_options){.pattern = "events.*", .wanted = is_wanted});
    wait_added(&chooser, 1);
    pthread_mutex_lock(&chooser.mutex);
    chooser.flips = 1;
    pthread_mutex_unlock(&chooser.mutex);
    publish_next(&service, &service.streams[0]);
    wait_last(&chooser, 0, 41);
    publish_next(&service, &service.streams[0]);
    wait_last(&chooser, 0, 42);
    bus_subscriber_stop(chooser.subscriber);
    assert_int_equal(chooser.heads[0], 1);
    assert_int_equal(chooser.count[0], 2);
    assert_int_equal(atomic_load(&service.reads), 0);
    stop_service(&service);
}

// What came while nobody wanted it is not read later.
static void a_stream_that_is_wanted_again_begins_anew(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0"}, {.name = "events.1"}}, .count = 2};
    struct chooser chooser = {.wanted = 3};
    start_service(&service, "again");
    choose(&chooser, "again", (struct bus_subscriber_options){.pattern = "events.*", .wanted = is_wanted});
    wait_added(&chooser, 1);
    publish_next(&service, &service.streams[0]);
    wait_last(&chooser, 0, 1);
    want(&chooser, 2);
    for (int i = 0; i < 5; i++) publish_next(&service, &service.streams[0]);
    publish_next(&service, &service.streams[1]);
    wait_last(&chooser, 1, 1); // it came behind them
    want(&chooser, 3);
    publish_next(&service, &service.streams[0]);
    wait_last(&chooser, 0, 7);
    bus_subscriber_stop(chooser.subscriber);
    assert_int_equal(chooser.count[0] - chooser.heads[0], 2);
    assert_int_equal(atomic_load(&service.reads), 0);
    stop_service(&service);
}

static void patterns_come_and_go_while_notices_do(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0"}, {.name = "users.1"}}, .count = 2};
    struct chooser chooser = {.wanted = ~0U};
    struct err err = {0};
    start_service(&service, "patterns");
    choose(&chooser, "patterns", (struct bus_subscriber_options){.pattern = "events.*", .wanted = is_wanted});
    wait_added(&chooser, 1);
    for (unsigned round = 0; round < ROUNDS; round++) {
        assert_true(bus_subscriber_add(chooser.subscriber, "users.*", &err));
        publish_next(&service, &service.streams[0]);
        wait_added(&chooser, round + 2);
        publish_next(&service, &service.streams[1]); // it is heard from here on
        wait_last(&chooser, 1, atomic_load(&service.streams[1].head));
        bus_subscriber_remove(chooser.subscriber, "users.*");
        publish_next(&service, &service.streams[0]);
        wait_last(&chooser, 0, atomic_load(&service.streams[0].head));
    }
    bus_subscriber_stop(chooser.subscriber);
    assert_string_equal(chooser.added[1], "users.*");
    assert_int_equal(chooser.count[0], 2 * ROUNDS);
    stop_service(&service);
}

static void a_pattern_that_was_added_twice_is_removed_twice(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0"}, {.name = "users.1"}}, .count = 2};
    struct chooser chooser = {0};
    struct err err = {0};
    start_service(&service, "twice");
    choose(&chooser, "twice", (struct bus_subscriber_options){.pattern = "events.*"});
    assert_true(bus_subscriber_add(chooser.subscriber, "users.*", &err));
    assert_true(bus_subscriber_add(chooser.subscriber, "users.*", &err));
    bus_subscriber_remove(chooser.subscriber, "users.*");
    wait_added(&chooser, 2);
    publish_next(&service, &service.streams[1]);
    wait_last(&chooser, 1, 1);
    bus_subscriber_remove(chooser.subscriber, "users.*");
    bus_subscriber_remove(chooser.subscriber, "users.*"); // once too often
    for (;;) {                                            // until it is gone
        publish_next(&service, &service.streams[1]);
        publish_next(&service, &service.streams[0]);
        wait_last(&chooser, 0, atomic_load(&service.streams[0].head));
        if (last_of(&chooser, 1) < atomic_load(&service.streams[1].head)) break;
    }
    bus_subscriber_stop(chooser.subscriber);
    stop_service(&service);
}

// Without `wanted`, streams of an added pattern begin where they are, as at the start.
static void an_added_pattern_skips_the_past_but_nothing_new(void **state)
{
    (void)state;
    struct topic_service service = {
        .streams = {{.name = "events.0", .head = 9}, {.name = "users.1", .head = 9}}, .count = 2};
    struct chooser chooser = {0};
    struct err err = {0};
    start_service(&service, "past");
    choose(&chooser, "past", (struct bus_subscriber_options){.pattern = "events.*"});
    wait_added(&chooser, 1);
    assert_true(bus_subscriber_add(chooser.subscriber, "users.*", &err));
    wait_added(&chooser, 2);
    publish_next(&service, &service.streams[1]);
    publish_next(&service, &service.streams[0]);
    wait_last(&chooser, 1, 10);
    wait_last(&chooser, 0, 10);
    bus_subscriber_stop(chooser.subscriber);
    assert_int_equal(chooser.count[0] + chooser.count[1], 2);
    assert_int_equal(atomic_load(&service.reads), 0);
    stop_service(&service);
}

static void a_pattern_of_which_nothing_is_read_is_refused(void **state)
{
    (void)state;
    struct bus_subscriber_options options = {.self = CONSE__ASKER__VALUE__EVENTS,
                                             .pattern = "users.*",
                                             .address = "inproc://nobody-bus",
                                             .feed_service = "events",
                                             .feed_address = "inproc://nobody"};
    struct bus_subscriber *subscriber;
    struct err err;
    assert_false(bus_subscriber_start(&subscriber, &options, &err));
    assert_true(err_is(&err, CALLER_REFUSED));
    options.pattern = "auth.names";
    if (!bus_subscriber_start(&subscriber, &options, &err)) fail_msg("%s", err.message);
    assert_false(bus_subscriber_add(subscriber, "auth.revocations", &err));
    assert_true(err_is(&err, CALLER_REFUSED));
    bus_subscriber_stop(subscriber);
}

// ---- A service of many streams

static bool read_crowd(struct rpc_call *call, const char *name, uint64_t from, size_t limit,
                       struct feed_page *page, struct err *err)
{
    (void)call, (void)name, (void)from, (void)limit, (void)page;
    return err_fail(err, NOT_FOUND, "nothing is read here");
}

static bool heads_of_crowd(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                           Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    unsigned next = *after ? (unsigned)atoi(after + strlen("events.")) + 1 : 0;
    (void)prefix, (void)err;
    for (; *count < limit && next < CROWD; next++) {
        rows[*count].stream = arena_printf(call->arena, "events.%05u", next);
        rows[(*count)++].seq = 7;
    }
    return true;
}

static const struct feed_source crowd_source = {
    .streams = streams_of_tests, .read = read_crowd, .heads = heads_of_crowd};

HANDLER(answer_crowd_heads, Bus__HeadsRequest, Bus__Heads)
{
    return feed_list_heads(call, &crowd_source, request, reply, err);
}

static const struct rpc_method crowd_table[] = {RPC_METHOD("events.feed.ListHeads", answer_crowd_heads), {0}};
static const struct rpc_method *const crowd_methods[] = {crowd_table, NULL};

static void a_stream_is_found_however_many_there_are(void **state)
{
    (void)state;
    struct topic_service service = {0};
    struct chooser chooser = {.wanted = 1 << 3}; // 4700 of them
    struct err err = {0};
    struct rpc_server_options options = {
        .name = "events", .methods = crowd_methods, .address = "inproc://crowd", .workers = 1, .queue = 64};
    assert_true(rpc_server_start(&service.server, &options, &err));
    start_publisher(&service, "crowd");
    choose(&chooser, "crowd", (struct bus_subscriber_options){.pattern = "events.*", .wanted = is_wanted});
    wait_added(&chooser, 1);
    bus_subscriber_stop(chooser.subscriber);
    assert_int_equal(chooser.count[3], CROWD / 10);
    assert_int_equal(chooser.heads[3], CROWD / 10);
    stop_service(&service);
}

static void patterns_are_bounded(void **state)
{
    (void)state;
    struct bus_patterns patterns;
    struct err err = {0};
    char text[32];
    bus_patterns_init(&patterns);
    assert_false(bus_patterns_add(&patterns, "", &err));
    assert_false(bus_patterns_add(&patterns, "heads", &err));
    for (int i = 0; i < BUS_PATTERNS_MOST; i++) {
        snprintf(text, sizeof text, "rooms.%d", i);
        assert_true(bus_patterns_add(&patterns, text, &err));
    }
    assert_true(bus_patterns_add(&patterns, text, &err));
    assert_false(bus_patterns_add(&patterns, "one more", &err));
    assert_false(bus_patterns_drop(&patterns, bus_patterns_all(&patterns)));
    bus_patterns_remove(&patterns, text);
    bus_patterns_remove(&patterns, text);
    assert_true(bus_patterns_drop(&patterns, bus_patterns_all(&patterns)));
    assert_true(bus_patterns_add(&patterns, "one more", &err));
    bus_patterns_finish(&patterns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_are_bounded),
        cmocka_unit_test(a_stream_is_found_however_many_there_are),
        cmocka_unit_test(hints_are_heard_and_forgotten),
        cmocka_unit_test(what_is_not_wanted_is_never_read),
        cmocka_unit_test(a_wanted_stream_begins_where_it_is_heard_of_and_goes_on_without_a_gap),
        cmocka_unit_test(a_first_notice_that_is_lost_is_told_by_its_head),
        cmocka_unit_test(a_stream_that_is_wanted_again_begins_anew),
        cmocka_unit_test(a_wanted_stream_of_other_content_is_heard_from_where_it_is),
        cmocka_unit_test(patterns_come_and_go_while_notices_do),
        cmocka_unit_test(a_pattern_that_was_added_twice_is_removed_twice),
        cmocka_unit_test(a_pattern_of_which_nothing_is_read_is_refused),
        cmocka_unit_test(an_added_pattern_skips_the_past_but_nothing_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
