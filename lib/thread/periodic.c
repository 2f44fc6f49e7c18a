#include "lib/thread/periodic.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/thread/wait.h"

struct periodic {
    periodic_work *work;
    void *arg;
    pthread_t thread;
    pthread_mutex_t mutex; // guards the fields below
    pthread_cond_t changed;
    int64_t next_ms; // monotonic
    bool stopping;
};

// False when it is time to stop.
static bool periodic_pause(struct periodic *periodic)
{
    pthread_mutex_lock(&periodic->mutex);
    while (!periodic->stopping && clock_mono_ms() < periodic->next_ms)
        wait_until(&periodic->changed, &periodic->mutex, periodic->next_ms);
    periodic->next_ms = INT64_MAX;
    bool go_on = !periodic->stopping;
    pthread_mutex_unlock(&periodic->mutex);
    return go_on;
}

// A wake during the work counts: the work is done once more at once.
static void periodic_set(struct periodic *periodic, int64_t next_ms)
{
    pthread_mutex_lock(&periodic->mutex);
    if (next_ms < periodic->next_ms) periodic->next_ms = next_ms;
    pthread_mutex_unlock(&periodic->mutex);
}

static void *periodic_main(void *arg)
{
    struct periodic *periodic = arg;
    while (periodic_pause(periodic)) {
        int64_t pause_ms = periodic->work(periodic->arg);
        periodic_set(periodic, clock_mono_ms() + pause_ms);
    }
    return NULL;
}

static void periodic_destroy(struct periodic *periodic)
{
    pthread_cond_destroy(&periodic->changed);
    pthread_mutex_destroy(&periodic->mutex);
    free(periodic);
}

bool periodic_start(struct periodic **out, const char *name, int64_t first_ms, periodic_work *work, void *arg,
                    struct err *err)
{
    struct periodic *periodic = calloc(1, sizeof *periodic);
    if (!periodic) return err_fail(err, INTERNAL_ERROR, "out of memory");
    periodic->work = work;
    periodic->arg = arg;
    periodic->next_ms = clock_mono_ms() + first_ms;
    pthread_mutex_init(&periodic->mutex, NULL);
    wait_init(&periodic->changed);
    int failed = pthread_create(&periodic->thread, NULL, periodic_main, periodic);
    if (failed) return periodic_destroy(periodic), err_errno(err, failed, name);
    *out = periodic;
    return true;
}

void periodic_wake(struct periodic *periodic)
{
    pthread_mutex_lock(&periodic->mutex);
    periodic->next_ms = 0;
    pthread_cond_signal(&periodic->changed);
    pthread_mutex_unlock(&periodic->mutex);
}

void periodic_stop(struct periodic *periodic)
{
    if (!periodic) return;
    pthread_mutex_lock(&periodic->mutex);
    periodic->stopping = true;
    pthread_cond_signal(&periodic->changed);
    pthread_mutex_unlock(&periodic->mutex);
    pthread_join(periodic->thread, NULL);
    periodic_destroy(periodic);
}
