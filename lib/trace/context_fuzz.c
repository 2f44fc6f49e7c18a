// A traceparent that is taken names a trace and a span, and what is written of it is taken again.
#include "lib/trace/context.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint8_t none[TRACE_BYTES];
    struct trace_context context, again;
    char written[TRACEPARENT_SIZE];
    char *text = malloc(size + 1);
    if (!text) return 0;
    memcpy(text, bytes, size);
    text[size] = 0;
    if (trace_context_read(&context, text)) {
        assert(memcmp(context.trace, none, TRACE_BYTES) != 0 && memcmp(context.span, none, SPAN_BYTES) != 0);
        trace_context_write(&context, written);
        assert(memcmp(written + 2, text + 2, TRACEPARENT_SIZE - 5) == 0);
        assert(trace_context_read(&again, written) && again.sampled == context.sampled);
    }
    free(text);
    return 0;
}
