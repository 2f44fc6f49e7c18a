// Sends a process's spans to a collector by OTLP/HTTP in JSON, from a thread of its own: a batch each half a
// second, again after a growing pause while the collector is away. What there is no room for is dropped and
// counted (conse_trace_spans_total).
#ifndef LIB_TRACE_EXPORT_H
#define LIB_TRACE_EXPORT_H

#include "lib/base/err.h"
#include "lib/base/metrics.h"

struct traces_options {
    const char *service; // "gateway"
    const char *url;     // of the collector, to which is posted; borrowed. "": traces are off
    double ratio;        // of traces that begin here, from 0 to 1
    struct metrics *metrics;
};

// Once in a process.
MUST_CHECK bool traces_start(const struct traces_options *options, struct err *err);
// Sends what was recorded, for at most so long, and records no more.
void traces_stop(int64_t left_ms);
void traces_finish(void); // after all threads that record

#endif
