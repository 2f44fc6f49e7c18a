// Whether a thread that everything waits for comes round: the loops of the gateway, the commit thread of an
// embedded store. It says when it begins to work and when it rests; one that works for too long hangs. The
// pulses of a process are one list. Thread-safe.
#ifndef LIB_BASE_PULSE_H
#define LIB_BASE_PULSE_H

#include <stdatomic.h>
#include <stdint.h>

#include "lib/base/clock.h"

struct pulse {
    const char *name;
    _Atomic int64_t since_ms; // monotonic: it works since then; 0: it rests
    struct pulse *next;
};

// Memory is the caller's, and must stay until pulse_leave. It rests.
void pulse_join(struct pulse *pulse, const char *name);
void pulse_leave(struct pulse *pulse);
// The thread's own, in each of its rounds.
static inline void pulse_work(struct pulse *pulse, int64_t now_ms)
{
    atomic_store_explicit(&pulse->since_ms, now_ms, memory_order_relaxed);
}
static inline void pulse_rest(struct pulse *pulse)
{
    atomic_store_explicit(&pulse->since_ms, 0, memory_order_relaxed);
}
// The name of a thread that has worked for longer than that, NULL: none.
const char *pulse_find_hung(int64_t most_ms);

#endif
