// The two clocks. Domain modules take times as arguments instead.
#ifndef LIB_BASE_CLOCK_H
#define LIB_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_unix_ms(void);
int64_t clock_unix_ns(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_ns(void);

// For tests: the monotonic clock stands at this value until another is set; -1 returns to the real time.
// Timed waits still follow the real time.
void clock_hold_mono(int64_t mono_ms);
// The same of the wall clock.
void clock_hold_unix(int64_t unix_ms);

#endif
