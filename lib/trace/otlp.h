// Spans as the JSON of OTLP/HTTP (ExportTraceServiceRequest). Pure.
#ifndef LIB_TRACE_OTLP_H
#define LIB_TRACE_OTLP_H

#include "lib/base/buf.h"
#include "lib/trace/span_queue.h"

// A document: begin, spans, end. service: "conse-gateway".
void otlp_begin(struct buf *out, const char *service);
void otlp_add(struct buf *out, const struct ended_span *span, bool first);
void otlp_end(struct buf *out);

#endif
