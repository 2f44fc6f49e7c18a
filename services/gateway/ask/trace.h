// W3C trace context of a request: a traceparent is continued or begun, with a new span. Ids are unpredictable
// enough to be unique, not secret. While traces are recorded, that of a stranger is not continued: who sends
// it would choose what is recorded, and in whose trace. Not thread-safe.
#ifndef GATEWAY_ASK_TRACE_H
#define GATEWAY_ASK_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/trace/span.h"

enum { TRACE_ID_LEN = 32, TRACEPARENT_LEN = TRACEPARENT_SIZE - 1 };

struct trace_source {
    uint64_t state[2];
    bool trusts; // the headers that come
};

struct trace {
    char id[TRACE_ID_LEN + 1];
    char parent[TRACEPARENT_SIZE]; // "00-<trace>-<our span>-<flags>"
    uint8_t caller[SPAN_BYTES];    // the span of whom we continue; zero: we began
    bool sampled;                  // it is recorded
};

void trace_source_init(struct trace_source *source, bool trusts);
// Continues the header's trace when it is well formed, else begins one. header may be NULL.
void trace_begin(struct trace_source *source, const char *header, struct trace *trace);
// The span of the trace itself, as its owner goes on to fill it.
struct span trace_span(const struct trace *trace, const char *name, int64_t begun_ms);

#endif
