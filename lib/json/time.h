// Timestamp and Duration as the text that JSON carries. Pure.
#ifndef LIB_JSON_TIME_H
#define LIB_JSON_TIME_H

#include <stdbool.h>
#include <stdint.h>

enum { JSON_TIME_SIZE = 40 };

struct json_time {
    int64_t seconds;
    int32_t nanos;
};

// "2026-12-01T17:00:00Z", with 3, 6 or 9 decimals when there are any; offsets are accepted. Years 1 to 9999.
bool json_timestamp_parse(const char *text, struct json_time *time);
bool json_timestamp_print(const struct json_time *time, char out[JSON_TIME_SIZE]); // false when out of range
// "3.5s"; both parts have the sign. At most 315 576 000 000 seconds.
bool json_duration_parse(const char *text, struct json_time *time);
bool json_duration_print(const struct json_time *time, char out[JSON_TIME_SIZE]);

#endif
