// A request target taken apart: segments of the path and parameters of the query, percent-decoded. Pure.
#ifndef GATEWAY_API_TARGET_H
#define GATEWAY_API_TARGET_H

#include "lib/base/arena.h"
#include "lib/base/err.h"

enum { TARGET_MAX_SEGMENTS = 12, TARGET_MAX_PARAMETERS = 32 };

struct target_parameter {
    const char *name, *value;
};

struct target {
    const char *path; // as received, without the query
    const char *segments[TARGET_MAX_SEGMENTS];
    size_t segment_count; // 0 for "/"
    struct target_parameter parameters[TARGET_MAX_PARAMETERS];
    size_t parameter_count;
};

// MALFORMED for a bad escape, a control character, a NUL or bytes that are not UTF-8. Texts live in the
// arena.
MUST_CHECK bool target_parse(const char *raw, struct target *target, struct arena *arena, struct err *err);

#endif
