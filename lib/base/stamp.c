#include "lib/base/stamp.h"

#include <time.h>

static const int64_t first_s = -62135596800,
                     last_s = 253402300799;    // 0001-01-01 and 9999-12-31, as timestamp.proto bounds them
static const int64_t longest_s = 315576000000; // as duration.proto bounds it

static int64_t stamp_clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

int64_t stamp_ms(const Google__Protobuf__Timestamp *stamp)
{
    return stamp ? stamp_clamp(stamp->seconds, first_s, last_s) * 1000 +
                       stamp_clamp(stamp->nanos, 0, 999999999) / 1000000
                 : 0;
}

// Division that rounds down also below zero.
static int64_t floor_s(int64_t ms) { return ms / 1000 - (ms % 1000 < 0); }

Google__Protobuf__Timestamp stamp_of(int64_t unix_ms)
{
    Google__Protobuf__Timestamp stamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    stamp.seconds = floor_s(unix_ms);
    stamp.nanos = (int32_t)(unix_ms - stamp.seconds * 1000) * 1000000;
    return stamp;
}

Google__Protobuf__Timestamp *stamp_new(struct arena *arena, int64_t unix_ms)
{
    Google__Protobuf__Timestamp *stamp = arena_new(arena, Google__Protobuf__Timestamp);
    if (stamp) *stamp = stamp_of(unix_ms);
    return stamp;
}

void stamp_print(char out[STAMP_TEXT], int64_t unix_ms)
{
    const time_t seconds = (time_t)floor_s(unix_ms);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(out, STAMP_TEXT, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

int64_t duration_ms(const Google__Protobuf__Duration *duration)
{
    return duration ? stamp_clamp(duration->seconds, -longest_s, longest_s) * 1000 + duration->nanos / 1000000
                    : 0;
}

Google__Protobuf__Duration *duration_new(struct arena *arena, int64_t ms)
{
    Google__Protobuf__Duration *duration = arena_new(arena, Google__Protobuf__Duration);
    if (!duration) return NULL;
    google__protobuf__duration__init(duration);
    duration->seconds = ms / 1000;
    duration->nanos = (int32_t)(ms % 1000) * 1000000;
    return duration;
}
