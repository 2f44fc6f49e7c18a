// How far this process's wall clock is from the one that the processes of the installation agree on, as far
// as anybody could tell; lib/replica finds it out. One for the process. Thread-safe; never blocks.
#ifndef LIB_BASE_SKEW_H
#define LIB_BASE_SKEW_H

#include <stdbool.h>
#include <stdint.h>

enum { SKEW_MOST_MS = 500, SKEW_FRESH_MS = 30000 };

// It is ahead by offset_ms, give or take uncertain_ms.
void skew_note(int64_t offset_ms, int64_t uncertain_ms);
// Nothing is known, as at the start.
void skew_forget(void);
// As it was last noted; 0 when that is longer ago than SKEW_FRESH_MS.
int64_t skew_offset_ms(void);
// Whether it is off by more than SKEW_MOST_MS for certain.
bool skew_is_off(void);

#endif
