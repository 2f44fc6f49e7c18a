// W3C trace context: of which trace something is a part, and of which span a child.
#ifndef LIB_TRACE_CONTEXT_H
#define LIB_TRACE_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

enum { TRACE_BYTES = 16, SPAN_BYTES = 8, TRACEPARENT_SIZE = 56 };

struct trace_context {
    uint8_t trace[TRACE_BYTES], span[SPAN_BYTES];
    bool sampled; // the trace is recorded
};

// From the text of a traceparent; false when it is not well formed. A later version may have more after the
// flags; version ff is none.
bool trace_context_read(struct trace_context *context, const char *text);
void trace_context_write(const struct trace_context *context, char out[TRACEPARENT_SIZE]);

#endif
