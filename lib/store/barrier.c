#include "lib/store/barrier.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/thread/wait.h"

// Reads are counted from 1. One serves those that came before it was sent, and no others: what was
// acknowledged while it was on its way may not be in its answer.
struct store_barrier {
    bool (*ask)(void *arg, struct err *err);
    void *arg;
    int64_t wait_ms;
    pthread_mutex_t lock;
    pthread_cond_t wanted_more, answered;
    uint64_t wanted, sent, ended; // the newest read of each
    int64_t sent_ms;
    uint64_t passed; // the newest with a good answer
    int64_t passed_ms;
    struct err why; // of the newest without one
    unsigned waiting;
    bool stopping;
    pthread_t thread;
};

static void barrier_ask(struct store_barrier *barrier)
{
    struct err err = {0};
    barrier->sent++;
    barrier->sent_ms = clock_mono_ms();
    pthread_mutex_unlock(&barrier->lock);
    bool ok = barrier->ask(barrier->arg, &err);
    pthread_mutex_lock(&barrier->lock);
    barrier->ended = barrier->sent;
    if (ok) {
        barrier->passed = barrier->sent;
        barrier->passed_ms = barrier->sent_ms;
    } else {
        barrier->why = err;
    }
    pthread_cond_broadcast(&barrier->answered);
}

static void *barrier_main(void *arg)
{
    struct store_barrier *barrier = arg;
    pthread_mutex_lock(&barrier->lock);
    while (!barrier->stopping) {
        if (barrier->sent < barrier->wanted)
            barrier_ask(barrier);
        else
            pthread_cond_wait(&barrier->wanted_more, &barrier->lock);
    }
    pthread_mutex_unlock(&barrier->lock);
    return NULL;
}

static void barrier_free(struct store_barrier *barrier)
{
    pthread_cond_destroy(&barrier->wanted_more);
    pthread_cond_destroy(&barrier->answered);
    pthread_mutex_destroy(&barrier->lock);
    free(barrier);
}

bool store_barrier_start(struct store_barrier **out, bool (*ask)(void *arg, struct err *err), void *arg,
                         int64_t wait_ms, struct err *err)
{
    struct store_barrier *barrier = calloc(1, sizeof *barrier);
    if (!barrier) return err_fail(err, INTERNAL_ERROR, "out of memory");
    barrier->ask = ask;
    barrier->arg = arg;
    barrier->wait_ms = wait_ms;
    barrier->passed_ms = INT64_MIN;
    pthread_mutex_init(&barrier->lock, NULL);
    wait_init(&barrier->wanted_more);
    wait_init(&barrier->answered);
    if (pthread_create(&barrier->thread, NULL, barrier_main, barrier) != 0) {
        barrier_free(barrier);
        return err_fail(err, INTERNAL_ERROR, "no thread for the store");
    }
    *out = barrier;
    return true;
}

void store_barrier_stop(struct store_barrier *barrier)
{
    if (!barrier) return;
    pthread_mutex_lock(&barrier->lock);
    barrier->stopping = true;
    pthread_cond_signal(&barrier->wanted_more);
    pthread_mutex_unlock(&barrier->lock);
    pthread_join(barrier->thread, NULL);
    barrier_free(barrier);
}

// The first read that serves a caller. One on its way does when it was sent in a later millisecond; within
// the same one it can't be told which was first.
static uint64_t barrier_want(struct store_barrier *barrier, int64_t since_ms)
{
    bool on_its_way = barrier->sent > barrier->ended && barrier->sent_ms > since_ms;
    uint64_t mine = on_its_way ? barrier->sent : barrier->sent + 1;
    if (barrier->wanted < mine) {
        barrier->wanted = mine;
        pthread_cond_signal(&barrier->wanted_more);
    }
    return mine;
}

static void barrier_await(struct store_barrier *barrier, uint64_t mine)
{
    int64_t until_ms = wait_deadline(barrier->wait_ms);
    barrier->waiting++;
    while (barrier->ended < mine && wait_until(&barrier->answered, &barrier->lock, until_ms)) continue;
    barrier->waiting--;
}

static bool barrier_fail(const struct store_barrier *barrier, uint64_t mine, struct err *err)
{
    if (barrier->ended >= mine)
        *err = barrier->why;
    else
        err_fail(err, STORE_AWAY, "the store's server does not answer");
    err->retry_after_s = 1;
    return false;
}

bool store_barrier_pass(struct store_barrier *barrier, int64_t since_ms, int64_t *at_ms, struct err *err)
{
    assert(since_ms <= clock_mono_ms());
    pthread_mutex_lock(&barrier->lock);
    bool passed = barrier->passed_ms > since_ms;
    if (!passed) {
        uint64_t mine = barrier_want(barrier, since_ms);
        barrier_await(barrier, mine);
        passed = barrier->passed >= mine || barrier_fail(barrier, mine, err);
    }
    *at_ms = passed ? barrier->passed_ms : 0;
    pthread_mutex_unlock(&barrier->lock);
    return passed;
}

unsigned store_barrier_waiting(struct store_barrier *barrier)
{
    pthread_mutex_lock(&barrier->lock);
    unsigned waiting = barrier->waiting;
    pthread_mutex_unlock(&barrier->lock);
    return waiting;
}
