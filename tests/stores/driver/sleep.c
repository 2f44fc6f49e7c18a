// The machine sleeps: the clock that goes on meanwhile jumps, and no other does.
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/stores/driver/driver.h"

static atomic_int_fast64_t slept_s;

void driver_sleep(int64_t seconds) { atomic_fetch_add(&slept_s, seconds); }

// In place of the C library's.
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int rv = (int)syscall(SYS_clock_gettime, clock, now);
    if (rv == 0 && clock == CLOCK_BOOTTIME) now->tv_sec += atomic_load(&slept_s);
    return rv;
}
