// The two clocks. Domain modules take times as arguments instead.
#ifndef LIB_BASE_CLOCK_H
#define LIB_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_unix_ms(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_ns(void);

#endif
