#include "lib/thread/wait.h"

#include <errno.h>
#include <time.h>

static struct timespec time_of(int64_t mono_ms)
{
    return (struct timespec){mono_ms / 1000, mono_ms % 1000 * 1000000};
}

void wait_init(pthread_cond_t *cond)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(cond, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

bool wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t mono_ms)
{
    if (mono_ms == INT64_MAX) return pthread_cond_wait(cond, mutex) == 0;
    struct timespec at = time_of(mono_ms);
    return pthread_cond_timedwait(cond, mutex, &at) != ETIMEDOUT;
}

int64_t wait_deadline(int64_t ms)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ms;
}

bool wait_semaphore(sem_t *semaphore, int64_t mono_ms)
{
    struct timespec at = time_of(mono_ms);
    int rv;
    while ((rv = sem_clockwait(semaphore, CLOCK_MONOTONIC, &at)) != 0 && errno == EINTR) continue;
    return rv == 0;
}
