#include "lib/base/pulse.h"

#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pulse *all;

void pulse_join(struct pulse *pulse, const char *name)
{
    pulse->name = name;
    pulse_rest(pulse);
    pthread_mutex_lock(&lock);
    pulse->next = all;
    all = pulse;
    pthread_mutex_unlock(&lock);
}

void pulse_leave(struct pulse *pulse)
{
    pthread_mutex_lock(&lock);
    struct pulse **at = &all;
    while (*at && *at != pulse) at = &(*at)->next;
    if (*at) *at = pulse->next;
    pthread_mutex_unlock(&lock);
}

const char *pulse_find_hung(int64_t most_ms)
{
    const char *hung = NULL;
    int64_t now_ms = clock_mono_ms();
    pthread_mutex_lock(&lock);
    for (const struct pulse *pulse = all; pulse && !hung; pulse = pulse->next) {
        int64_t since_ms = atomic_load_explicit(&pulse->since_ms, memory_order_relaxed);
        if (since_ms && now_ms - since_ms > most_ms) hung = pulse->name;
    }
    pthread_mutex_unlock(&lock);
    return hung;
}
