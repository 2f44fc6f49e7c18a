#include "lib/trace/context.h"

#include <string.h>

#include "lib/base/ids.h"

enum { LEN = TRACEPARENT_SIZE - 1, TRACE_AT = 3, SPAN_AT = 36, FLAGS_AT = 53, LONGEST = 256 };

static bool is_hex(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f'))) return false;
    return true;
}

static bool is_id(const char *text, size_t len) { return is_hex(text, len) && strspn(text, "0") < len; }

static bool is_traceparent(const char *text)
{
    size_t len = strnlen(text, LONGEST);
    if (len < LEN || (text[LEN] != 0 && text[LEN] != '-')) return false;
    if (!is_hex(text, 2) || memcmp(text, "ff", 2) == 0 || (memcmp(text, "00", 2) == 0 && len != LEN))
        return false;
    return text[TRACE_AT - 1] == '-' && is_id(text + TRACE_AT, (size_t)2 * TRACE_BYTES) &&
           text[SPAN_AT - 1] == '-' && is_id(text + SPAN_AT, (size_t)2 * SPAN_BYTES) &&
           text[FLAGS_AT - 1] == '-' && is_hex(text + FLAGS_AT, 2);
}

static void read_hex(uint8_t *out, size_t len, const char *text)
{
    char digits[2 * TRACE_BYTES + 1];
    memcpy(digits, text, 2 * len);
    digits[2 * len] = 0;
    bool read = hex_decode(out, len, digits);
    (void)read; // they are hex digits
}

bool trace_context_read(struct trace_context *context, const char *text)
{
    uint8_t flags;
    if (!is_traceparent(text)) return false;
    read_hex(context->trace, TRACE_BYTES, text + TRACE_AT);
    read_hex(context->span, SPAN_BYTES, text + SPAN_AT);
    read_hex(&flags, 1, text + FLAGS_AT);
    context->sampled = flags & 1;
    return true;
}

void trace_context_write(const struct trace_context *context, char out[TRACEPARENT_SIZE])
{
    memcpy(out, "00-", TRACE_AT);
    hex_encode(out + TRACE_AT, context->trace, TRACE_BYTES);
    out[SPAN_AT - 1] = '-';
    hex_encode(out + SPAN_AT, context->span, SPAN_BYTES);
    memcpy(out + FLAGS_AT - 1, context->sampled ? "-01" : "-00", 4);
}
