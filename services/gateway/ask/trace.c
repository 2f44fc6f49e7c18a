#include "services/gateway/ask/trace.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/ids.h"

void trace_source_init(struct trace_source *source) { randombytes_buf(source, sizeof *source); }

// xorshift128+
static uint64_t trace_next(struct trace_source *source)
{
    uint64_t x = source->state[0], y = source->state[1];
    source->state[0] = y;
    x ^= x << 23;
    source->state[1] = x ^ y ^ (x >> 17) ^ (y >> 26);
    return source->state[1] + y;
}

static bool is_hex(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f'))) return false;
    return true;
}

static bool is_zero(const char *text, size_t len) { return strspn(text, "0") >= len; }

// A later version may have more after the flags; version ff is none.
static bool is_traceparent(const char *text)
{
    size_t len = strnlen(text, 256);
    if (len < TRACEPARENT_LEN || (text[TRACEPARENT_LEN] != 0 && text[TRACEPARENT_LEN] != '-')) return false;
    if (!is_hex(text, 2) || strncmp(text, "ff", 2) == 0 ||
        (strncmp(text, "00", 2) == 0 && len != TRACEPARENT_LEN))
        return false;
    return text[2] == '-' && is_hex(text + 3, 32) && !is_zero(text + 3, 32) && text[35] == '-' &&
           is_hex(text + 36, 16) && !is_zero(text + 36, 16) && text[52] == '-' && is_hex(text + 53, 2);
}

void trace_begin(struct trace_source *source, const char *header, struct trace *trace)
{
    uint64_t fresh[3] = {trace_next(source), trace_next(source), trace_next(source) | 1};
    bool known = header && is_traceparent(header);
    if (known)
        memcpy(trace->id, header + 3, TRACE_ID_LEN);
    else
        hex_encode(trace->id, (const uint8_t *)fresh, 16);
    trace->id[TRACE_ID_LEN] = 0;
    memcpy(trace->parent, "00-", 3);
    memcpy(trace->parent + 3, trace->id, TRACE_ID_LEN);
    trace->parent[35] = '-';
    hex_encode(trace->parent + 36, (const uint8_t *)&fresh[2], 8);
    memcpy(trace->parent + 52, known ? header + 52 : "-01", 3);
    trace->parent[TRACEPARENT_LEN] = 0;
}
