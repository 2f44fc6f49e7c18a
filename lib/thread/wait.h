// Conditions whose deadlines are on the monotonic clock: setting the wall clock does not change how long a
// thread waits. Every timed wait of the project uses this module.
#ifndef LIB_THREAD_WAIT_H
#define LIB_THREAD_WAIT_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>

void wait_init(pthread_cond_t *cond);
// Waits until the condition is signalled or clock_mono_ms() has reached mono_ms; INT64_MAX waits without end.
// False when the time has come. A wake-up without a signal is possible, so check the condition again.
bool wait_until(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t mono_ms);
// The time in `ms` from now, by the clock of these waits; it goes on while a test holds clock_mono_ms.
int64_t wait_deadline(int64_t ms);
// Takes the semaphore; false when clock_mono_ms() has reached mono_ms first.
bool wait_semaphore(sem_t *semaphore, int64_t mono_ms);

#endif
