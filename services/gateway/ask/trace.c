#include "services/gateway/ask/trace.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void trace_source_init(struct trace_source *source, bool trusts)
{
    randombytes_buf(source->state, sizeof source->state);
    source->trusts = trusts;
}

// xorshift128+
static uint64_t trace_next(struct trace_source *source)
{
    uint64_t x = source->state[0], y = source->state[1];
    source->state[0] = y;
    x ^= x << 23;
    source->state[1] = x ^ y ^ (x >> 17) ^ (y >> 26);
    return source->state[1] + y;
}

static bool trace_continue(const struct trace_source *source, const char *header,
                           struct trace_context *context)
{
    return header && (source->trusts || !traces_on()) && trace_context_read(context, header);
}

void trace_begin(struct trace_source *source, const char *header, struct trace *trace)
{
    struct trace_context context;
    uint64_t fresh[3] = {trace_next(source), trace_next(source), trace_next(source) | 1};
    bool known = trace_continue(source, header, &context);
    *trace = (struct trace){.sampled = false};
    if (known) {
        memcpy(trace->caller, context.span, SPAN_BYTES);
    } else {
        memcpy(context.trace, fresh, TRACE_BYTES);
        context.sampled = traces_sample();
    }
    memcpy(context.span, &fresh[2], SPAN_BYTES);
    trace->sampled = traces_on() && context.sampled;
    trace_context_write(&context, trace->parent);
    memcpy(trace->id, trace->parent + 3, TRACE_ID_LEN);
}

struct span trace_span(const struct trace *trace, const char *name, int64_t begun_ms)
{
    struct span span = {.kind = SPAN_SERVER, .name = name, .begun_mono_ns = begun_ms * 1000000};
    memcpy(span.parent, trace->caller, SPAN_BYTES);
    if (!trace_context_read(&span.context, trace->parent)) abort(); // it is our own
    return span;
}
