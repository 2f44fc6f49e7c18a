// The two clocks. Domain modules take times as arguments instead.
#ifndef LIB_BASE_CLOCK_H
#define LIB_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_unix_ms(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_ns(void);

// For tests: clock_mono_ms says this until it is told another, or -1 for the time again. What waits goes on
// by the time.
void clock_hold_mono(int64_t mono_ms);

#endif
