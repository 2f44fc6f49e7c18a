// Two processes of events on one store: what one stores, the other's copy in memory has when it is next
// entered, whichever need.
#include "lib/base/clock.h"
#include "lib/bus/bus.h"
#include "services/events/live/aggregates.h"
#include "services/events/testing/two.h"
#include "services/events/topics/peers.h"

#define URL "shared:peers"
#define BUSES "inproc://events-peers-one,inproc://events-peers-two"
enum { PATIENCE_MS = 20000 };

static void join(struct service_world *world, const char *address)
{
    struct err err;
    const struct bus_publisher_options publisher = {.service = "events", .address = address};
    const struct peers_source peers = {.bus = BUSES};
    assert_true(bus_publisher_open(&world->events.publisher, &publisher, &err));
    assert_true(events_peers_follow(&world->events, &peers, &err));
    assert_non_null(world->events.peers);
}

static int both_up(void **state)
{
    (void)state;
    two_open(URL);
    join(one, "inproc://events-peers-one");
    join(two, "inproc://events-peers-two");
    lay_table(one);
    open_event(one, "Evening", "2027-01-15T08:00:00");
    return 0;
}

static int both_down(void **state)
{
    (void)state;
    two_close(URL);
    return 0;
}

// The newest entry of the world's copy, in any state.
static uint64_t copy_of(struct service_world *world)
{
    struct err err;
    struct aggregate *aggregate;
    if (!aggregate_enter(&world->events, service_recall(one, "event"), &aggregate, &err))
        fail_msg("%s", err.message);
    uint64_t seq = aggregate->game.chain.seq;
    aggregate_leave(aggregate);
    return seq;
}

static void edit_title(int i)
{
    char request[160];
    snprintf(request, sizeof request, "{" EVENT ",'title':'Evening %d'}", i);
    service_must(one, &god, "events.UpdateEvent", request);
}

// Nothing makes up for what was told before the connection was up, so it is told again by another entry.
static void wait_for_connection(uint64_t *seq)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    for (int i = 0; copy_of(two) < *seq; i++) {
        assert_true(clock_mono_ms() < until_ms);
        edit_title(i);
        *seq = copy_of(one);
        for (int64_t next_ms = clock_mono_ms() + 100; clock_mono_ms() < next_ms && copy_of(two) < *seq;)
            continue;
    }
}

static void a_copy_reads_on_when_another_process_has_stored(void **state)
{
    (void)state;
    uint64_t seq = copy_of(two) + 1; // two's copy is loaded
    wait_for_connection(&seq);
    for (int i = 100; i < 105; i++) {
        edit_title(i);
        seq = copy_of(one);
        int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
        while (copy_of(two) < seq) assert_true(clock_mono_ms() < until_ms);
        assert_int_equal(copy_of(two), seq);
    }
}

static void an_exclusive_store_has_nobody_to_listen_to(void **state)
{
    (void)state;
    struct err err;
    struct service_world *world = service_world_open();
    const struct peers_source peers = {.bus = "inproc://events-peers-none"};
    assert_true(events_peers_follow(&world->events, &peers, &err));
    assert_null(world->events.peers);
    service_world_close(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_copy_reads_on_when_another_process_has_stored, both_up, both_down),
        cmocka_unit_test(an_exclusive_store_has_nobody_to_listen_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
