#include "lib/base/clock.h"

#include <stdatomic.h>
#include <time.h>

static int64_t read_ns(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t read_ms(clockid_t id) { return read_ns(id) / 1000000; }

static _Atomic int64_t held_ms = -1, held_unix_ms = -1;

void clock_hold_mono(int64_t mono_ms) { atomic_store(&held_ms, mono_ms); }

void clock_hold_unix(int64_t unix_ms) { atomic_store(&held_unix_ms, unix_ms); }

int64_t clock_unix_ms(void)
{
    int64_t held = atomic_load_explicit(&held_unix_ms, memory_order_relaxed);
    return held < 0 ? read_ms(CLOCK_REALTIME) : held;
}

int64_t clock_unix_ns(void)
{
    int64_t held = atomic_load_explicit(&held_unix_ms, memory_order_relaxed);
    return held < 0 ? read_ns(CLOCK_REALTIME) : held * 1000000;
}

int64_t clock_mono_ms(void)
{
    int64_t held = atomic_load_explicit(&held_ms, memory_order_relaxed);
    return held < 0 ? read_ms(CLOCK_MONOTONIC) : held;
}

int64_t clock_mono_ns(void)
{
    int64_t held = atomic_load_explicit(&held_ms, memory_order_relaxed);
    return held < 0 ? read_ns(CLOCK_MONOTONIC) : held * 1000000;
}
