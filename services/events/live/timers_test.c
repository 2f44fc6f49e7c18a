// The timers' thread while somebody sets the clock: ahead, back, and while the service was down.
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/stamp.h"
#include "services/events/testing/table.h"

enum { DAY = 24 * HOUR, MOST_MS = 20000 };

// How far the wall clock of this program is ahead of the true one.
static int64_t ahead_ms;

// In place of the C library's: the monotonic clock is left alone.
int clock_gettime(clockid_t id, struct timespec *time)
{
    int failed = (int)syscall(SYS_clock_gettime, id, time);
    if (!failed && id == CLOCK_REALTIME) time->tv_sec += __atomic_load_n(&ahead_ms, __ATOMIC_ACQUIRE) / 1000;
    return failed;
}

static void set_clock(struct service_world *world, int64_t to_ms)
{
    int64_t true_ms = clock_unix_ms() - __atomic_load_n(&ahead_ms, __ATOMIC_ACQUIRE);
    __atomic_store_n(&ahead_ms, (to_ms - true_ms) / 1000 * 1000, __ATOMIC_RELEASE);
    world->now_ms = clock_unix_ms();
}

static const Events__Phase *phase_of(struct service_world *world)
{
    world->now_ms = clock_unix_ms();
    return ((const Events__EventReply *)service_must(world, &god, "events.GetEvent", "{" EVENT "}").reply)
        ->event->phase;
}

static int64_t left_ms(struct service_world *world)
{
    const Events__Phase *phase = phase_of(world);
    return phase->closes_at ? stamp_ms(phase->closes_at) - world->now_ms : 0;
}

static bool is_closed(struct service_world *world)
{
    return phase_of(world)->state == EVENTS__PHASE__STATE__CLOSED;
}

static bool is_short(struct service_world *world) { return left_ms(world) <= MINUTE; }

static void await(struct service_world *world, bool (*is_so)(struct service_world *world))
{
    int64_t until_ms = clock_mono_ms() + MOST_MS;
    while (!is_so(world)) {
        assert_true(clock_mono_ms() < until_ms);
        sched_yield();
    }
}

static struct timers *start(struct service_world *world)
{
    struct timers *timers;
    struct err err;
    assert_true(timers_start(&timers, &world->events, &err));
    return timers;
}

static int64_t open_minute(struct service_world *world)
{
    set_clock(world, world->now_ms);
    open_dealt(world);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY','timer':'60s'}");
    return world->now_ms;
}

static void a_clock_set_ahead_ends_what_is_over(void **state)
{
    struct service_world *world = *state;
    int64_t began_ms = open_minute(world);
    struct timers *timers = start(world);
    assert_false(is_closed(world));
    set_clock(world, began_ms + HOUR);
    await(world, is_closed);
    timers_stop(timers);
}

// Set an hour back the thread goes on, and no phase lasts longer than it was given.
static void a_clock_set_back_neither_stops_nor_lengthens_anything(void **state)
{
    struct service_world *world = *state;
    int64_t true_ms = world->now_ms;
    struct timers *timers = start(world);
    world->now_ms += 3 * DAY;
    open_minute(world);
    assert_true(left_ms(world) > 0 && is_short(world));
    set_clock(world, true_ms);
    await(world, is_short);
    assert_true(left_ms(world) > MINUTE / 2);
    set_clock(world, true_ms + 2 * MINUTE);
    await(world, is_closed);
    timers_stop(timers);
}

static void a_clock_set_back_while_nobody_looked_is_noticed(void **state)
{
    struct service_world *world = *state;
    int64_t true_ms = world->now_ms;
    world->now_ms += 3 * DAY;
    open_minute(world);
    set_clock(world, true_ms);
    assert_false(is_short(world));
    struct timers *timers = start(world);
    await(world, is_short);
    timers_stop(timers);
}

static int finish(void **state)
{
    __atomic_store_n(&ahead_ms, 0, __ATOMIC_RELEASE);
    return tear_down(state);
}

#define WITH_CLOCK(name) cmocka_unit_test_setup_teardown(name, set_up, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CLOCK(a_clock_set_ahead_ends_what_is_over),
        WITH_CLOCK(a_clock_set_back_neither_stops_nor_lengthens_anything),
        WITH_CLOCK(a_clock_set_back_while_nobody_looked_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
