// Processes of one service tell each other numbers: all of them hear, and nobody who listens to its topics.
#include "lib/bus/listener.h"

#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <poll.h>

#include "lib/bus/testing/world.h"
#include "lib/rpc/testing/keys.h"

#define STREAM "events.01890000-0000-7000-8000-000000000001.log"
#define BUSES "inproc://peers-0,inproc://peers-1"
enum { PROCESSES = 2 };

struct process {
    struct bus_publisher *publisher;
    struct bus_listener *listener;
    _Atomic uint64_t heard;
};

static struct bus_keys *keys;
static struct process processes[PROCESSES];

static void hear(void *arg, const char *stream, uint64_t seq)
{
    struct process *process = arg;
    if (strcmp(stream, STREAM) == 0) atomic_store(&process->heard, seq);
}

static void publish_at(size_t i)
{
    struct err err;
    char address[32];
    snprintf(address, sizeof address, "inproc://peers-%zu", i);
    const struct bus_publisher_options options = {.service = "events", .address = address, .bus_keys = keys};
    assert_true(bus_publisher_open(&processes[i].publisher, &options, &err));
}

static int set_up(void **state)
{
    struct err err;
    (void)state;
    keys = keys_of(1, 0);
    for (size_t i = 0; i < PROCESSES; i++) publish_at(i);
    for (size_t i = 0; i < PROCESSES; i++) {
        const struct bus_listener_options options = {
            .service = "events", .address = BUSES, .bus_keys = keys, .hear = hear, .arg = &processes[i]};
        atomic_store(&processes[i].heard, 0);
        assert_true(bus_listener_start(&processes[i].listener, &options, &err));
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < PROCESSES; i++) {
        bus_listener_stop(processes[i].listener);
        bus_publisher_close(processes[i].publisher);
    }
    bus_keys_destroy(keys);
    return 0;
}

// Says it until it is heard, because the connection may not be up yet.
static void tell(struct process *from, struct process *to, uint64_t seq)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (atomic_load(&to->heard) != seq) {
        assert_true(clock_mono_ms() < until_ms);
        bus_tell_peers(from->publisher, STREAM, seq);
        sched_yield();
    }
}

static void each_hears_the_other_and_itself(void **state)
{
    (void)state;
    tell(&processes[0], &processes[1], 5);
    tell(&processes[1], &processes[0], 6);
    tell(&processes[1], &processes[1], 7);
}

static void a_restarted_process_is_heard(void **state)
{
    (void)state;
    tell(&processes[0], &processes[1], 5);
    bus_publisher_close(processes[0].publisher);
    publish_at(0);
    tell(&processes[0], &processes[1], 6);
}

// What follows all of the service's topics, as a gateway does.
static atomic_int overheard, public_ones;

static bool overhear(void *arg, const Bus__Notice *notice)
{
    (void)arg;
    atomic_fetch_add(strcmp(notice->stream, STREAM) == 0 ? &overheard : &public_ones, 1);
    return true;
}

static bool is_wanted(void *arg, const char *stream)
{
    (void)arg, (void)stream;
    return true;
}

static void a_gateway_hears_nothing_of_it(void **state)
{
    (void)state;
    struct topic_service service = {.streams = {{.name = "events.0"}}, .count = 1, .keys = keys};
    struct bus_subscriber *gateway;
    struct err err;
    const struct bus_subscriber_options options = {.self = CONSE__ASKER__VALUE__GATEWAY,
                                                   .pattern = "events.*",
                                                   .address = BUSES,
                                                   .feed_service = "events",
                                                   .feed_address = "inproc://peers-feed",
                                                   .bus_keys = keys,
                                                   .wanted = is_wanted,
                                                   .handler = overhear};
    start_service(&service, "peers-feed");
    assert_true(bus_subscriber_start(&gateway, &options, &err));
    struct listener caught_up = {.subscriber = gateway};
    wait_caught_up(&caught_up);
    tell(&processes[0], &processes[1], 5);
    tell(&processes[1], &processes[0], 6);
    Bus__Notice notice = BUS__NOTICE__INIT; // behind them on both connections
    notice.stream = "events.01890000-0000-7000-8000-000000000001.public";
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    for (notice.seq = 1; atomic_load(&public_ones) == 0; notice.seq++) {
        assert_true(clock_mono_ms() < until_ms);
        bus_publish(processes[1].publisher, &notice);
        sched_yield();
    }
    bus_subscriber_stop(gateway);
    assert_int_equal(atomic_load(&overheard), 0);
    stop_service(&service);
}

static atomic_int connections;

static void count_connection(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    (void)pipe, (void)event, (void)arg;
    atomic_fetch_add(&connections, 1);
}

// After 0.5, 1 and 2 s.
static void who_stays_silent_is_dialled_less_and_less_often(void **state)
{
    enum { FOURTH_MS = 3000 };
    const struct bus_listener_options options = {
        .service = "events", .address = "inproc://silent", .bus_keys = keys, .hear = hear};
    struct bus_listener *listener;
    nng_socket silent;
    struct err err;
    (void)state;
    assert_int_equal(nng_pub0_open(&silent), 0);
    assert_int_equal(nng_pipe_notify(silent, NNG_PIPE_EV_ADD_POST, count_connection, NULL), 0);
    assert_int_equal(nng_listen(silent, options.address, NULL, 0), 0);
    int64_t began_ms = clock_mono_ms();
    assert_true(bus_listener_start(&listener, &options, &err));
    while (atomic_load(&connections) < 4 && clock_mono_ms() < began_ms + PATIENCE_MS) poll(NULL, 0, 20);
    assert_int_equal(atomic_load(&connections), 4);
    assert_true(clock_mono_ms() - began_ms >= FOURTH_MS);
    bus_listener_stop(listener);
    nng_close(silent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_hears_the_other_and_itself),
        TEST(a_restarted_process_is_heard),
        TEST(a_gateway_hears_nothing_of_it),
        TEST(who_stays_silent_is_dialled_less_and_less_often),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
