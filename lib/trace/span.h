// What a process records of a traced request: spans, which a thread sends to a collector (see export.h). Off
// by default: then nothing is recorded, and that costs one branch. A span's texts are those of schema, routes
// and settings, which stay; what users send is never in one. Thread-safe; nothing here blocks.
#ifndef LIB_TRACE_SPAN_H
#define LIB_TRACE_SPAN_H

#include <stdatomic.h>

#include "lib/base/err.h"
#include "lib/trace/context.h"

enum span_kind { SPAN_INTERNAL = 1, SPAN_SERVER, SPAN_CLIENT }; // by OTLP's numbers

struct span {
    struct trace_context context; // its own
    uint8_t parent[SPAN_BYTES];   // zero: it has none
    enum span_kind kind;
    const char *name;      // "events.CreateEvent"
    const char *verb;      // of HTTP; or NULL
    const char *reason;    // of a refusal; or NULL
    int status;            // of HTTP; 0: none
    bool failed;           // by a fault of ours, or of who was asked
    int64_t begun_mono_ns; // monotonic
};

extern atomic_bool traces_recorded;
static inline bool traces_on(void) { return atomic_load_explicit(&traces_recorded, memory_order_relaxed); }

// Whether a trace that begins here is recorded, by the ratio of traces_start.
bool traces_sample(void);
void trace_new_span(uint8_t span[SPAN_BYTES]); // an id

// A child of what the traceparent names; NULL when traces are off, or this one is not recorded. parent may be
// NULL or anything. One owner at a time.
struct span *span_begin(enum span_kind kind, const char *name, const char *parent);
struct span *span_child(const struct span *parent, const char *name); // INTERNAL; NULL of NULL
// The outcome; NULL is fine.
void span_refuse(struct span *span, const struct err *err);
// Hands it over and frees it; NULL is fine.
void span_end(struct span *span);
// Hands over a copy.
void span_record(const struct span *span);

// The span that this thread works on, for what it asks others; NULL: none.
void span_enter(const struct span *span);
const char *span_entered(void); // as a traceparent, or NULL

#endif
