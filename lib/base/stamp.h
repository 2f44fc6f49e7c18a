// google.protobuf.Timestamp and Duration as milliseconds.
#ifndef LIB_BASE_STAMP_H
#define LIB_BASE_STAMP_H

#include <stdint.h>

#include "google/protobuf/duration.pb-c.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "lib/base/arena.h"

// Unix milliseconds; 0 when unset. Out-of-range values are clamped to the years 1 to 9999.
int64_t stamp_ms(const Google__Protobuf__Timestamp *stamp);
Google__Protobuf__Timestamp stamp_of(int64_t unix_ms);
Google__Protobuf__Timestamp *stamp_new(struct arena *arena, int64_t unix_ms); // NULL when the arena is full
// "2026-12-01T17:00:00Z".
enum { STAMP_TEXT = 32 };
void stamp_print(char out[STAMP_TEXT], int64_t unix_ms);
int64_t duration_ms(const Google__Protobuf__Duration *duration); // 0 when unset; clamped to 10 000 years
Google__Protobuf__Duration *duration_new(struct arena *arena, int64_t ms);

#endif
