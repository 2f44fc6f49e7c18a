// Announced streams: several processes write one store, each says how far the store has the stream, and a
// subscriber knows how old its knowledge is, whichever of them it hears.
#include "lib/bus/testing/world.h"

#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>

#include "lib/bus/wire.h"
#include "lib/store/store.h"
#include "lib/store/testing/shared.h"

#define STREAM "auth.revocations"
#define STORE "shared:heads"
enum { REPLICAS = 3, HEARD_MS = 1000, STALE_MS = 2000 };

// ---- Processes of auth

struct replica {
    struct store *store;
    struct rpc_server *server;
    struct bus_publisher *publisher;
};

static struct replica replicas[REPLICAS];
static atomic_int to_hold, held; // reads of the feed that are not answered: the next ones; those that wait

static bool entry_of(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice, struct err *err)
{
    (void)call, (void)err;
    notice->kind = "COUNTED";
    notice->payload = bytes;
    return true;
}

static bool read_entries(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                         struct feed_page *page, struct err *err)
{
    const struct replica *replica = call->service;
    int next = atomic_load(&to_hold);
    while (next > 0 && !atomic_compare_exchange_weak(&to_hold, &next, next - 1)) continue;
    if (next > 0) {
        atomic_fetch_add(&held, 1);
        while (atomic_load(&held)) sched_yield();
    }
    return feed_read_store(call, replica->store, stream, from, limit, entry_of, page, err);
}

static bool list_entries(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                         Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    const struct replica *replica = call->service;
    return feed_heads_store(call, replica->store, prefix, after, limit, rows, count, err);
}

static uint64_t generation_of_store(const struct rpc_call *call)
{
    return store_generation(((const struct replica *)call->service)->store);
}

static const struct feed_source entries = {schema_streams, read_entries, list_entries, generation_of_store};

HANDLER(answer_entries, Bus__ReadRequest, Bus__ReadReply)
{
    return feed_read(call, &entries, request, reply, err);
}
HANDLER(answer_list, Bus__HeadsRequest, Bus__Heads)
{
    return feed_list_heads(call, &entries, request, reply, err);
}

static const struct rpc_method auth_table[] = {
    RPC_METHOD("auth.feed.Read", answer_entries), RPC_METHOD("auth.feed.ListHeads", answer_list), {0}};
static const struct rpc_method *const auth_methods[] = {auth_table, NULL};

static const char *address_of(size_t i, const char *suffix)
{
    static char texts[4][64];
    static size_t next;
    char *text = texts[next++ % 4];
    snprintf(text, sizeof texts[0], "inproc://heads-%zu%s", i, suffix);
    return text;
}

static void publish_at(struct replica *replica, const char *address)
{
    struct err err;
    const struct bus_publisher_options options = {.service = "auth",
                                                  .address = address,
                                                  .generation = store_generation(replica->store),
                                                  .store = replica->store};
    assert_true(bus_publisher_open(&replica->publisher, &options, &err));
}

static void start_replica(size_t i)
{
    static const struct store_table no_tables[] = {{0}};
    struct replica *replica = &replicas[i];
    const struct store_options store = {.url = STORE, .tables = no_tables};
    struct err err;
    if (!store_open(&replica->store, &store, &err)) fail_msg("%s", err.message);
    const struct rpc_server_options server = {.name = "auth",
                                              .methods = auth_methods,
                                              .service = replica,
                                              .address = address_of(i, ""),
                                              .workers = 1,
                                              .slow_workers = 1,
                                              .queue = 64};
    if (!rpc_server_start(&replica->server, &server, &err)) fail_msg("%s", err.message);
    publish_at(replica, address_of(i, "-bus"));
}

static void stop_publishing(struct replica *replica)
{
    bus_publisher_close(replica->publisher);
    replica->publisher = NULL;
}

static void stop_replica(struct replica *replica)
{
    stop_publishing(replica);
    rpc_server_stop(replica->server);
    store_close(replica->store);
    *replica = (struct replica){0};
}

// A revocation, as that process writes it.
static void write_entry(struct replica *replica)
{
    struct err err;
    const ProtobufCBinaryData entry = {1, (uint8_t *)"x"};
    const struct store_write write = {0};
    assert_true(
        store_wait(replica->store, store_append_next(replica->store, STREAM, &entry, 1, &write), &err));
}

// ---- A gateway

struct gateway {
    _Atomic uint64_t seen;
    struct bus_subscriber *subscriber;
};

static struct gateway gateway;

static bool on_entry(void *arg, const Bus__Notice *notice)
{
    struct gateway *at = arg;
    atomic_store(&at->seen, notice->seq);
    return true;
}

static void start_gateway(const char *buses, const char *feeds)
{
    struct err err;
    const struct bus_subscriber_options options = {.self = CONSE__ASKER__VALUE__GATEWAY,
                                                   .pattern = STREAM,
                                                   .address = buses,
                                                   .feed_service = "auth",
                                                   .feed_address = feeds,
                                                   .fetch_private = true,
                                                   .from_start = true,
                                                   .handler = on_entry,
                                                   .arg = &gateway};
    atomic_store(&gateway.seen, 0);
    assert_true(bus_subscriber_start(&gateway.subscriber, &options, &err));
}

static int64_t age_ms(void) { return bus_subscriber_age_ms(gateway.subscriber); }

static void wait_age(bool fresh)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while ((age_ms() < HEARD_MS) != fresh || (!fresh && age_ms() < STALE_MS))
        assert_true(clock_mono_ms() < until_ms);
}

static void stays_fresh(int64_t for_ms)
{
    for (int64_t until_ms = clock_mono_ms() + for_ms; clock_mono_ms() < until_ms; sched_yield())
        assert_true(age_ms() < HEARD_MS);
}

static int set_up(void **state)
{
    (void)state;
    shared_store_register();
    for (size_t i = 0; i < REPLICAS; i++) start_replica(i);
    write_entry(&replicas[0]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    atomic_store(&to_hold, 0);
    atomic_store(&held, 0);
    bus_subscriber_stop(gateway.subscriber);
    gateway.subscriber = NULL;
    for (size_t i = 0; i < REPLICAS; i++)
        if (replicas[i].store) stop_replica(&replicas[i]);
    shared_store_drop(STORE);
    return 0;
}

// ---- What holds

#define BOTH_BUSES "inproc://heads-0-bus,inproc://heads-1-bus"
#define BOTH_FEEDS "inproc://heads-0,inproc://heads-1"

// The third neither is heard nor says anything: the others find in the store what it wrote.
static void what_a_process_that_is_cut_off_wrote_is_heard_within_a_second(void **state)
{
    (void)state;
    stop_publishing(&replicas[2]);
    start_gateway(BOTH_BUSES, BOTH_FEEDS);
    wait_age(true);
    for (uint64_t seq = 2; seq < 6; seq++) {
        write_entry(&replicas[2]);
        int64_t until_ms = clock_mono_ms() + HEARD_MS;
        while (atomic_load(&gateway.seen) < seq) assert_true(clock_mono_ms() < until_ms);
    }
}

static void a_process_at_a_deposed_primary_says_what_the_new_one_has(void **state)
{
    (void)state;
    start_gateway("inproc://heads-0-bus", "inproc://heads-0");
    wait_age(true);
    for (uint64_t seq = 2; seq < 4; seq++) {
        int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
        shared_store_depose(replicas[0].store);
        write_entry(&replicas[2]);
        while (atomic_load(&gateway.seen) < seq) assert_true(clock_mono_ms() < until_ms);
    }
}

static void a_dead_process_that_is_still_listed_makes_nothing_stale(void **state)
{
    (void)state;
    start_gateway(BOTH_BUSES ",inproc://heads-2-bus", BOTH_FEEDS);
    wait_age(true);
    stop_replica(&replicas[2]);
    stays_fresh(2 * STALE_MS);
}

static void who_does_not_reach_the_store_says_nothing_of_it(void **state)
{
    (void)state;
    start_gateway(BOTH_BUSES, BOTH_FEEDS);
    wait_age(true);
    shared_store_set_away(replicas[0].store, true);
    stays_fresh(STALE_MS); // by the other one
    shared_store_fail_probes(replicas[1].store, true);
    wait_age(false); // though both announce that they live
    shared_store_set_away(replicas[0].store, false);
    wait_age(true);
    shared_store_fail_probes(replicas[1].store, false);
}

// A store that answers too slowly to say how new all else is still has what is new.
static void what_nobody_is_sure_of_is_heard_all_the_same(void **state)
{
    (void)state;
    stop_publishing(&replicas[2]);
    start_gateway(BOTH_BUSES, BOTH_FEEDS);
    wait_age(true);
    for (size_t i = 0; i < 2; i++) shared_store_fail_probes(replicas[i].store, true);
    wait_age(false);
    write_entry(&replicas[2]);
    int64_t until_ms = clock_mono_ms() + HEARD_MS;
    while (atomic_load(&gateway.seen) < 2) assert_true(clock_mono_ms() < until_ms);
    assert_true(age_ms() >= STALE_MS);
    for (size_t i = 0; i < 2; i++) shared_store_fail_probes(replicas[i].store, false);
}

// To know that there is more is not to know it.
static void what_was_announced_counts_when_it_is_read(void **state)
{
    (void)state;
    start_gateway("inproc://heads-0-bus", "inproc://heads-2");
    wait_age(true);
    rpc_server_stop(replicas[2].server);
    replicas[2].server = NULL;
    stays_fresh(STALE_MS); // there is nothing to read
    write_entry(&replicas[1]);
    wait_age(false);
    assert_int_equal(atomic_load(&gateway.seen), 1);
}

// ---- Publishers of the test's own

struct station {
    nng_socket socket;
    atomic_int connections;
};

static void on_station(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    (void)pipe, (void)event;
    atomic_fetch_add(&((struct station *)arg)->connections, 1);
}

static void station_open(struct station *station, const char *address)
{
    *station = (struct station){0};
    assert_int_equal(nng_pub0_open(&station->socket), 0);
    nng_pipe_notify(station->socket, NNG_PIPE_EV_ADD_POST, on_station, station);
    assert_int_equal(nng_listen(station->socket, address, NULL, 0), 0);
}

static void station_say(struct station *station, uint64_t head)
{
    Bus__Heads heads = BUS__HEADS__INIT;
    Bus__Heads__Head row = BUS__HEADS__HEAD__INIT, *rows = &row;
    row.stream = STREAM;
    row.seq = head;
    if (head) heads.heads = &rows, heads.n_heads = 1;
    nng_msg *message = bus_wire_pack(BUS_HEADS_TOPIC, &heads.base);
    assert_non_null(message);
    if (nng_sendmsg(station->socket, message, NNG_FLAG_NONBLOCK) != 0) nng_msg_free(message);
}

static uint64_t seen_by(struct listener *listener)
{
    pthread_mutex_lock(&listener->mutex);
    uint64_t seen = listener->seen[0];
    pthread_mutex_unlock(&listener->mutex);
    return seen;
}

// Says now and then that it lives, and nothing else.
static void station_live(struct station *station, int64_t *next_ms)
{
    int64_t now_ms = clock_mono_ms();
    if (now_ms < *next_ms) return;
    station_say(station, 0);
    *next_ms = now_ms + 50;
}

static void a_silent_publisher_is_dialled_again_and_the_others_are_not(void **state)
{
    (void)state;
    struct station talks, is_silent;
    station_open(&talks, "inproc://heads-talks");
    station_open(&is_silent, "inproc://heads-silent");
    start_gateway("inproc://heads-talks,inproc://heads-silent", BOTH_FEEDS);
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS, next_ms = 0;
    while (atomic_load(&is_silent.connections) < 4) {
        assert_true(clock_mono_ms() < until_ms);
        station_live(&talks, &next_ms);
    }
    assert_int_equal(atomic_load(&talks.connections), 1);
    bus_subscriber_stop(gateway.subscriber);
    gateway.subscriber = NULL;
    nng_close(talks.socket);
    nng_close(is_silent.socket);
}

// Its announcements are not needed: the others say that there is more.
static void processes_that_do_not_answer_keep_nothing_back(void **state)
{
    (void)state;
    start_gateway(BOTH_BUSES, BOTH_FEEDS ",inproc://heads-2");
    wait_age(true);
    atomic_store(&to_hold, 2);
    write_entry(&replicas[0]);
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (atomic_load(&held) < 2) assert_true(clock_mono_ms() < until_ms);
    until_ms = clock_mono_ms() + HEARD_MS;
    while (atomic_load(&gateway.seen) < 2) assert_true(clock_mono_ms() < until_ms);
    write_entry(&replicas[1]); // those that wait count no more
    until_ms = clock_mono_ms() + HEARD_MS;
    while (atomic_load(&gateway.seen) < 3) assert_true(clock_mono_ms() < until_ms);
}

// A process whose store is behind answers with fewer entries than were announced.
static void a_reply_from_a_process_that_is_behind_lowers_nothing(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0", .head = 10}}, .count = 1};
    struct listener listener = {0};
    struct station station;
    struct err err;
    start_service(&service, "behind");
    station_open(&station, "inproc://behind-station");
    pthread_mutex_init(&listener.mutex, NULL);
    wait_init(&listener.wake);
    const struct bus_subscriber_options options = {.self = CONSE__ASKER__VALUE__GATEWAY,
                                                   .pattern = "events.0",
                                                   .address = "inproc://behind-station",
                                                   .feed_service = "events",
                                                   .feed_address = "inproc://behind",
                                                   .from_start = true,
                                                   .handler = on_notice,
                                                   .arg = &listener};
    assert_true(bus_subscriber_start(&listener.subscriber, &options, &err));
    wait_seen(&listener, 0, 10);
    struct arena arena;
    arena_init(&arena, 4096);
    nng_msg *message = bus_wire_pack("events.0", &make_notice(&arena, "events.0", 12)->base);
    int reads = atomic_load(&service.reads);
    atomic_store(&service.streams[0].head, 5);
    assert_int_equal(nng_sendmsg(station.socket, message, 0), 0); // the only news of it
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS, next_ms = 0;
    while (atomic_load(&service.reads) < reads + 2 || seen_by(&listener) < 12) {
        assert_true(clock_mono_ms() < until_ms);
        station_live(&station, &next_ms);
        if (atomic_load(&service.reads) > reads) atomic_store(&service.streams[0].head, 12);
    }
    assert_int_equal(atomic_load(&station.connections), 1); // so the streams were not listed again
    assert_in_order(&listener);
    stop_listening(&listener);
    nng_close(station.socket);
    arena_finish(&arena);
    stop_service(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_process_that_is_cut_off_wrote_is_heard_within_a_second),
        TEST(a_process_at_a_deposed_primary_says_what_the_new_one_has),
        TEST(a_dead_process_that_is_still_listed_makes_nothing_stale),
        TEST(who_does_not_reach_the_store_says_nothing_of_it),
        TEST(what_nobody_is_sure_of_is_heard_all_the_same),
        TEST(what_was_announced_counts_when_it_is_read),
        TEST(a_silent_publisher_is_dialled_again_and_the_others_are_not),
        TEST(processes_that_do_not_answer_keep_nothing_back),
        TEST(a_reply_from_a_process_that_is_behind_lowers_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
