// What one process does for all: this process, and another one that holds the leases first.
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/replica/testing/other.h"
#include "services/events/live/aggregates.h"
#include "services/events/live/pictures.h"
#include "services/events/live/snapshot/snapshot.h"
#include "services/events/streams.h"
#include "services/events/testing/table.h"

#define URL "shared:leases"

enum { SOME_LOOKS = 5 };
static const int64_t day_ms = 24 * (int64_t)HOUR;

static const char *const leases[] = {EVENTS_TIMERS, EVENTS_SWEEPS, NULL};

// How far the wall clock of this program is ahead of the true one.
static _Atomic int64_t ahead_ms;

// In place of the C library's: the monotonic clock is left alone.
int clock_gettime(clockid_t id, struct timespec *time)
{
    int failed = (int)syscall(SYS_clock_gettime, id, time);
    if (!failed && id == CLOCK_REALTIME) time->tv_sec += atomic_load(&ahead_ms) / 1000;
    return failed;
}

static int pair_up(void **state)
{
    shared_store_register();
    struct service_world *world = *state = service_world_at(URL);
    lay_table(world);
    open_event(world, "Evening", "2027-01-15T20:00:00");
    atomic_store(&ahead_ms, world->now_ms + 30 * day_ms - clock_unix_ms()); // it is over
    return 0;
}

static int pair_down(void **state)
{
    atomic_store(&ahead_ms, 0);
    service_world_close(*state);
    shared_store_drop(URL);
    return 0;
}

static void join(struct service_world *world)
{
    struct err err;
    world->events.replica = other_join(world->events.store, events_tables, "ipc:///ours", leases);
    assert_true(replica_start(world->events.replica, &err));
}

static uint64_t head_of(struct service_world *world)
{
    uint64_t head;
    struct err err;
    const struct stream_name stream = events_stream(service_recall(world, "event"));
    assert_true(store_head(world->events.store, stream.text, &head, &err));
    return head;
}

// ---- Timers

static atomic_int looks;

static void count_look(struct events *events)
{
    (void)events;
    atomic_fetch_add(&looks, 1);
}

static void await_looks(int more)
{
    for (int until = atomic_load(&looks) + more; atomic_load(&looks) < until;) usleep(1000);
}

static void what_is_due_is_done_by_who_holds_the_lease(void **state)
{
    struct service_world *world = *state;
    struct events_hooks hooks = *world->events.hooks;
    struct other rival;
    struct timers *timers;
    struct err err;
    const uint64_t before = head_of(world);
    hooks.tick = count_look;
    world->events.hooks = &hooks;
    other_begin(&rival, URL, events_tables, leases);
    join(world);
    assert_true(timers_start(&timers, &world->events, &err));
    await_looks(SOME_LOOKS);
    assert_int_equal(head_of(world), before);
    other_end(&rival);
    while (head_of(world) == before) usleep(1000); // it takes over
    timers_stop(timers);
}

// ---- Pictures

static size_t count_images(struct service_world *world)
{
    const struct store_query query = {.page_token = ""};
    struct store_rows rows;
    struct err err;
    arena_reset(&world->arena);
    assert_true(
        store_find(world->events.store, &events_tables[EVENTS_IMAGES], &query, &world->arena, &rows, &err));
    return rows.count;
}

static void old_images_are_removed_by_who_holds_the_lease(void **state)
{
    struct service_world *world = *state;
    struct other rival;
    struct err err;
    uint8_t byte = 1;
    struct picture picture = {
        .god_id = god.user_id, .type = "image/png", .bytes = {1, &byte}, .now_ms = world->now_ms};
    struct pictures *turn = pictures_enter(&world->events);
    assert_true(picture_keep(turn, &picture, &err));
    pictures_leave(&turn);
    other_begin(&rival, URL, events_tables, leases);
    join(world);
    assert_true(pictures_sweep(&world->events, world->now_ms + 2 * day_ms, &err));
    assert_int_equal(count_images(world), 1);
    other_end(&rival);
    other_await(world->events.replica, EVENTS_SWEEPS);
    assert_true(pictures_sweep(&world->events, world->now_ms + 2 * day_ms, &err));
    assert_int_equal(count_images(world), 0);
}

// ---- Snapshots

static uint64_t save_and_find(struct service_world *world)
{
    struct aggregate *aggregate;
    struct err err;
    uint64_t seq;
    ProtobufCBinaryData state;
    const struct stream_name stream = events_stream(service_recall(world, "event"));
    assert_true(aggregate_enter(&world->events, service_recall(world, "event"), &aggregate, &err));
    arena_reset(&world->arena);
    snapshot_save(&aggregate->game, &world->events, stream.text, &world->arena);
    aggregate_leave(aggregate);
    service_fence(world);
    assert_true(store_read_snapshot(world->events.store, stream.text, &world->arena, &seq, &state, &err));
    return seq;
}

static void no_snapshot_is_written_that_a_living_process_would_not_read(void **state)
{
    struct service_world *world = *state;
    other_was_there(world->events.store, &events_tables[EVENTS_BEATS], SNAPSHOT_SINCE - 1);
    world->events.replica = other_join(world->events.store, events_tables, "ipc:///ours", leases);
    assert_int_equal(save_and_find(world), 0);
}

static void a_snapshot_that_all_read_is_written(void **state)
{
    struct service_world *world = *state;
    other_was_there(world->events.store, &events_tables[EVENTS_BEATS], SNAPSHOT_SINCE);
    world->events.replica = other_join(world->events.store, events_tables, "ipc:///ours", leases);
    assert_true(save_and_find(world) > 0);
}

#define PAIR(name) cmocka_unit_test_setup_teardown(name, pair_up, pair_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAIR(what_is_due_is_done_by_who_holds_the_lease),
        PAIR(old_images_are_removed_by_who_holds_the_lease),
        PAIR(no_snapshot_is_written_that_a_living_process_would_not_read),
        PAIR(a_snapshot_that_all_read_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
