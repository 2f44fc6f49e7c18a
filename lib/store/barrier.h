// One read of a shared store's server at a time, for all threads that wait for one (store_barrier). A thread
// of its own sends it, so that nobody waits for a server that is silent.
#ifndef LIB_STORE_BARRIER_H
#define LIB_STORE_BARRIER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

struct store_barrier;

// `ask` makes the read, in the barrier's thread. Nobody waits longer than wait_ms.
MUST_CHECK bool store_barrier_start(struct store_barrier **barrier, bool (*ask)(void *arg, struct err *err),
                                    void *arg, int64_t wait_ms, struct err *err);
// Waits for a read that is under way. Nobody waits for one any more. NULL is fine.
void store_barrier_stop(struct store_barrier *barrier);
// See store_barrier.
MUST_CHECK bool store_barrier_pass(struct store_barrier *barrier, int64_t since_ms, int64_t *at_ms,
                                   struct err *err);
// How many threads wait now: for tests.
unsigned store_barrier_waiting(struct store_barrier *barrier);

#endif
