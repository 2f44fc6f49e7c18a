#include "lib/trace/span.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/trace/recording.h"

atomic_bool traces_recorded;

static struct span_queue *queue;
static struct metric *queue_dropped;
static uint64_t sampled_below; // of 2^32 numbers

static _Thread_local uint64_t random_state[2];
static _Thread_local char entered[TRACEPARENT_SIZE];

void recording_begin(struct span_queue *into, double ratio, struct metric *dropped)
{
    queue = into;
    queue_dropped = dropped;
    sampled_below = (uint64_t)(ratio * 0x1p32);
    atomic_store(&traces_recorded, true);
}

void recording_end(void) { atomic_store(&traces_recorded, false); }

// xorshift128+: unique enough, not secret.
static uint64_t random_next(void)
{
    if (!(random_state[0] | random_state[1])) randombytes_buf(random_state, sizeof random_state);
    uint64_t x = random_state[0], y = random_state[1];
    random_state[0] = y;
    x ^= x << 23;
    random_state[1] = x ^ y ^ (x >> 17) ^ (y >> 26);
    return random_state[1] + y;
}

bool traces_sample(void) { return traces_on() && random_next() >> 32 < sampled_below; }

void trace_new_span(uint8_t span[SPAN_BYTES])
{
    uint64_t fresh = random_next() | 1;
    memcpy(span, &fresh, SPAN_BYTES);
}

static struct span *span_make(enum span_kind kind, const char *name, const struct trace_context *parent)
{
    struct span *span = calloc(1, sizeof *span);
    if (!span) return NULL;
    span->context = *parent;
    memcpy(span->parent, parent->span, SPAN_BYTES);
    trace_new_span(span->context.span);
    span->kind = kind;
    span->name = name;
    span->begun_mono_ns = clock_mono_ns();
    return span;
}

struct span *span_begin(enum span_kind kind, const char *name, const char *parent)
{
    struct trace_context context;
    if (!traces_on() || !parent || !trace_context_read(&context, parent) || !context.sampled) return NULL;
    return span_make(kind, name, &context);
}

struct span *span_child(const struct span *parent, const char *name)
{
    return parent ? span_make(SPAN_INTERNAL, name, &parent->context) : NULL;
}

void span_refuse(struct span *span, const struct err *err)
{
    if (!span) return;
    span->reason = err_name(err);
    span->failed = err_internal(err);
}

void span_record(const struct span *span)
{
    if (!traces_on()) return;
    struct ended_span ended = {.span = *span, .ended_ns = clock_unix_ns()};
    ended.begun_ns = ended.ended_ns - (clock_mono_ns() - span->begun_mono_ns);
    if (!span_queue_put(queue, &ended)) metric_add(queue_dropped, 1);
}

void span_end(struct span *span)
{
    if (!span) return;
    span_record(span);
    free(span);
}

void span_enter(const struct span *span)
{
    if (span)
        trace_context_write(&span->context, entered);
    else
        entered[0] = 0;
}

const char *span_entered(void) { return entered[0] ? entered : NULL; }
