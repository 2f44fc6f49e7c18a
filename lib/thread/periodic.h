// A thread that does one thing again and again: sweeping, resolving, looking at what is due. Times are on the
// monotonic clock.
#ifndef LIB_THREAD_PERIODIC_H
#define LIB_THREAD_PERIODIC_H

#include <stdint.h>

#include "lib/base/err.h"

struct periodic;

// Does it once, on the thread; returns the milliseconds until the next time.
typedef int64_t periodic_work(void *arg);

// The first time is first_ms after the start. name is for the error.
MUST_CHECK bool periodic_start(struct periodic **periodic, const char *name, int64_t first_ms,
                               periodic_work *work, void *arg, struct err *err);
// Does it as soon as possible instead of at its time. Any thread.
void periodic_wake(struct periodic *periodic);
// Returns when the work under way has ended. NULL is fine.
void periodic_stop(struct periodic *periodic);

#endif
