#include "lib/store/barrier.h"

#include <pthread.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/thread/wait.h"
#include "tests/test.h"

enum { START_MS = 1000, MOST_THREADS = 8, PATIENCE_MS = 60000 };

// The server, which answers when the test lets it.
struct world {
    struct store_barrier *barrier;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned asked, let; // reads sent, and those that may be answered
    bool fails;
};

static bool ask(void *arg, struct err *err)
{
    struct world *world = arg;
    pthread_mutex_lock(&world->lock);
    unsigned mine = ++world->asked;
    pthread_cond_broadcast(&world->changed);
    while (world->let < mine) pthread_cond_wait(&world->changed, &world->lock);
    bool ok = !world->fails || err_fail(err, STORE_AWAY, "the test says so");
    pthread_mutex_unlock(&world->lock);
    return ok;
}

static void start(struct world *world, int64_t wait_ms)
{
    struct err err;
    assert_true(store_barrier_start(&world->barrier, ask, world, wait_ms, &err));
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->changed, NULL);
    clock_hold_mono(START_MS);
    start(world, PATIENCE_MS);
    *state = world;
    return 0;
}

static void let(struct world *world, unsigned reads)
{
    pthread_mutex_lock(&world->lock);
    world->let = reads;
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

static int tear_down(void **state)
{
    struct world *world = *state;
    let(world, UINT_MAX);
    store_barrier_stop(world->barrier);
    clock_hold_mono(-1);
    pthread_cond_destroy(&world->changed);
    pthread_mutex_destroy(&world->lock);
    free(world);
    return 0;
}

static unsigned asked(struct world *world)
{
    pthread_mutex_lock(&world->lock);
    unsigned asked = world->asked;
    pthread_mutex_unlock(&world->lock);
    return asked;
}

static void await_asked(struct world *world, unsigned reads)
{
    pthread_mutex_lock(&world->lock);
    while (world->asked < reads) pthread_cond_wait(&world->changed, &world->lock);
    pthread_mutex_unlock(&world->lock);
}

static void await_waiting(struct world *world, unsigned threads)
{
    while (store_barrier_waiting(world->barrier) < threads) sched_yield();
}

// ---- Threads that wait

struct call {
    struct world *world;
    int64_t since_ms, at_ms;
    bool passed;
    struct err err;
    pthread_t thread;
};

static void *call_main(void *arg)
{
    struct call *call = arg;
    call->passed = store_barrier_pass(call->world->barrier, call->since_ms, &call->at_ms, &call->err);
    return NULL;
}

static void begin(struct world *world, struct call *call, int64_t since_ms)
{
    *call = (struct call){.world = world, .since_ms = since_ms};
    assert_int_equal(pthread_create(&call->thread, NULL, call_main, call), 0);
}

static void end(struct call *call) { pthread_join(call->thread, NULL); }

static int64_t pass(struct world *world, int64_t since_ms)
{
    struct err err;
    int64_t at_ms;
    if (!store_barrier_pass(world->barrier, since_ms, &at_ms, &err)) fail_msg("%s", err.message);
    return at_ms;
}

// ---- The tests

static void all_that_wait_share_one_read(void **state)
{
    struct world *world = *state;
    struct call first, calls[MOST_THREADS];
    begin(world, &first, START_MS);
    await_asked(world, 1);
    clock_hold_mono(START_MS + 10);
    for (size_t i = 0; i < MOST_THREADS; i++) begin(world, &calls[i], START_MS + 10);
    await_waiting(world, 1 + MOST_THREADS);
    let(world, 2);
    end(&first);
    for (size_t i = 0; i < MOST_THREADS; i++) {
        end(&calls[i]);
        assert_true(calls[i].passed);
        assert_int_equal(calls[i].at_ms, START_MS + 10);
    }
    assert_int_equal(asked(world), 2);
}

static void a_read_that_was_sent_before_does_not_serve(void **state)
{
    struct world *world = *state;
    struct call early, late, same;
    begin(world, &early, START_MS);
    await_asked(world, 1);
    begin(world, &same, START_MS); // within one millisecond either may have been first
    clock_hold_mono(START_MS + 1);
    begin(world, &late, START_MS + 1);
    await_waiting(world, 3);
    let(world, 1);
    end(&early);
    assert_int_equal(early.at_ms, START_MS);
    await_asked(world, 2);
    assert_int_equal(store_barrier_waiting(world->barrier), 2);
    let(world, 2);
    end(&late);
    end(&same);
    assert_int_equal(late.at_ms, START_MS + 1);
    assert_int_equal(same.at_ms, START_MS + 1);
    assert_int_equal(asked(world), 2);
}

static void a_read_that_was_sent_since_serves(void **state)
{
    struct world *world = *state;
    struct call first, second;
    begin(world, &first, START_MS);
    await_asked(world, 1);
    clock_hold_mono(START_MS + 300);
    begin(world, &second, START_MS - 1);
    await_waiting(world, 2);
    let(world, 1);
    end(&first);
    end(&second);
    assert_true(second.passed);
    assert_int_equal(second.at_ms, START_MS); // when it was sent, not when it was answered
    assert_int_equal(pass(world, START_MS - 1), START_MS);
    assert_int_equal(asked(world), 1);
    let(world, 2);
    assert_int_equal(pass(world, START_MS), START_MS + 300);
}

static void a_silent_server_is_away_after_a_while(void **state)
{
    struct world *world = *state;
    struct err err = {0};
    int64_t at_ms, until_ms = wait_deadline(50);
    store_barrier_stop(world->barrier);
    start(world, 50);
    assert_false(store_barrier_pass(world->barrier, START_MS, &at_ms, &err));
    assert_true(wait_deadline(0) >= until_ms);
    assert_int_equal(err.reason, IS(STORE_AWAY));
    assert_int_equal(err.retry_after_s, 1);
    await_asked(world, 1);
    let(world, 1);
    while (!store_barrier_pass(world->barrier, START_MS - 1, &at_ms, &err)) assert_int_equal(asked(world), 1);
    assert_int_equal(at_ms, START_MS); // a late answer counts
}

static void all_that_share_a_read_learn_that_it_failed(void **state)
{
    struct world *world = *state;
    struct call first, second, third;
    world->fails = true;
    begin(world, &first, START_MS);
    await_asked(world, 1);
    begin(world, &second, START_MS);
    begin(world, &third, START_MS);
    await_waiting(world, 3);
    let(world, 2);
    end(&first);
    end(&second);
    end(&third);
    assert_false(first.passed || second.passed || third.passed);
    assert_string_equal(third.err.message, "the test says so");
    assert_int_equal(third.err.retry_after_s, 1);
    assert_int_equal(asked(world), 2);
    world->fails = false;
    let(world, 3);
    assert_int_equal(pass(world, START_MS), START_MS);
}

#define WORLD(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD(all_that_wait_share_one_read),
        WORLD(a_read_that_was_sent_before_does_not_serve),
        WORLD(a_read_that_was_sent_since_serves),
        WORLD(a_silent_server_is_away_after_a_while),
        WORLD(all_that_share_a_read_learn_that_it_failed),
    };
    return cmocka_run_group_tests_name("store: barrier", tests, NULL, NULL);
}
