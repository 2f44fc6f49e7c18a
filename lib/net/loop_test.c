#include <pthread.h>
#include <sys/epoll.h>

#include "lib/base/clock.h"
#include "lib/base/pulse.h"
#include "lib/net/loop.h"
#include "tests/test.h"

struct world {
    struct loop *loop;
    char order[64];
    int awake, read;
    struct loop_source source;
    struct loop_timer timers[40];
};

static void on_turn(void *arg) { (void)arg; }

static void on_awake(void *arg)
{
    struct world *world = arg;
    world->awake++;
    loop_stop(world->loop);
}

static void make(struct world *world)
{
    struct err err;
    struct loop_options options = {on_turn, on_awake, world};
    memset(world, 0, sizeof *world);
    assert_true(loop_create(&world->loop, &options, &err));
}

static struct world *current;
static void note(void *arg)
{
    strncat(current->order, (const char *)arg, 1);
    if (strlen(current->order) == 5) loop_stop(current->loop);
}

static void fires_timers_in_their_order(void **state)
{
    struct world world;
    (void)state;
    make(&world);
    current = &world;
    int64_t now = loop_now_ms(world.loop);
    static char names[] = "abcdefgh";
    static const int at[] = {7, 3, 1, 9, 5, 2, 4, 8};
    for (int i = 0; i < 8; i++) {
        world.timers[i] = (struct loop_timer){.fire = note, .arg = &names[i]};
        loop_timer_set(world.loop, &world.timers[i], now + at[i]);
    }
    loop_timer_clear(world.loop, &world.timers[2]);        // c
    loop_timer_clear(world.loop, &world.timers[7]);        // h
    loop_timer_clear(world.loop, &world.timers[7]);        // twice is fine
    loop_timer_set(world.loop, &world.timers[0], now + 6); // a moves before d
    loop_timer_clear(world.loop, &world.timers[6]);        // g
    loop_timer_set(world.loop, &world.timers[3], now);     // d comes first
    loop_run(world.loop);
    assert_string_equal(world.order, "dfbea");
    loop_destroy(world.loop);
}

static void on_readable(void *arg, uint32_t events)
{
    struct world *world = arg;
    char c;
    assert_true(events & EPOLLIN);
    assert_int_equal(read(world->source.fd, &c, 1), 1);
    world->read++;
    loop_unwatch(world->loop, &world->source);
    loop_stop(world->loop);
}

// A turn in which there is something to read.
static void take_turn(struct world *world, void (*ready)(void *arg, uint32_t events))
{
    struct err err;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    world->source = (struct loop_source){ends[0], ready, world};
    assert_true(loop_watch(world->loop, &world->source, EPOLLIN, &err));
    assert_int_equal(write(ends[1], "x", 1), 1);
    loop_run(world->loop);
    close(ends[0]), close(ends[1]);
}

static void tells_of_readable_sources(void **state)
{
    struct world world;
    (void)state;
    make(&world);
    take_turn(&world, on_readable);
    assert_int_equal(world.read, 1);
    loop_destroy(world.loop);
}

static void on_hanging(void *arg, uint32_t events)
{
    struct world *world = arg;
    assert_null(pulse_find_hung(5000));
    clock_hold_mono(clock_mono_ms() + 5001);
    assert_string_equal(pulse_find_hung(5000), "loop");
    on_readable(arg, events);
    loop_stop(world->loop);
}

static void that_it_does_not_come_round_is_known(void **state)
{
    struct world world;
    (void)state;
    make(&world);
    take_turn(&world, on_hanging);
    assert_null(pulse_find_hung(0));
    clock_hold_mono(-1);
    loop_destroy(world.loop);
}

static void *wake(void *arg)
{
    loop_wake(arg);
    return NULL;
}

static void wakes_from_another_thread(void **state)
{
    struct world world;
    pthread_t thread;
    (void)state;
    make(&world);
    assert_int_equal(pthread_create(&thread, NULL, wake, world.loop), 0);
    loop_run(world.loop);
    pthread_join(thread, NULL);
    assert_int_equal(world.awake, 1);
    loop_destroy(world.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fires_timers_in_their_order),
        cmocka_unit_test(tells_of_readable_sources),
        cmocka_unit_test(that_it_does_not_come_round_is_known),
        cmocka_unit_test(wakes_from_another_thread),
    };
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
