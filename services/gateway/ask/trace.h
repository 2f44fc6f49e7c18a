// W3C trace context: a traceparent is continued or begun, with a new span. Ids are unpredictable enough to be
// unique, not secret. Not thread-safe.
#ifndef GATEWAY_ASK_TRACE_H
#define GATEWAY_ASK_TRACE_H

#include <stdbool.h>
#include <stdint.h>

enum { TRACE_ID_LEN = 32, TRACEPARENT_LEN = 55 };

struct trace_source {
    uint64_t state[2];
};

struct trace {
    char id[TRACE_ID_LEN + 1];
    char parent[TRACEPARENT_LEN + 1]; // "00-<trace>-<our span>-<flags>"
};

void trace_source_init(struct trace_source *source);
// Continues the header's trace when it is well formed, else begins one. header may be NULL.
void trace_begin(struct trace_source *source, const char *header, struct trace *trace);

#endif
