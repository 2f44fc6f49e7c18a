// Spans on their way from any thread to the one that sends them: a bounded queue without locks (after
// D. Vyukov). A full one takes no more.
#ifndef LIB_TRACE_SPAN_QUEUE_H
#define LIB_TRACE_SPAN_QUEUE_H

#include "lib/trace/span.h"

struct ended_span {
    struct span span;
    int64_t begun_ns, ended_ns; // unix
};

struct span_place {
    _Atomic uint64_t turn; // its number when it is free, one more when it is filled
    struct ended_span span;
};

struct span_queue {
    struct span_place *places;
    uint64_t size; // a power of two
    _Atomic uint64_t head;
    uint64_t tail; // the reader's
};

MUST_CHECK bool span_queue_init(struct span_queue *queue, uint64_t size);
void span_queue_finish(struct span_queue *queue);
MUST_CHECK bool span_queue_put(struct span_queue *queue, const struct ended_span *span);
MUST_CHECK bool span_queue_take(struct span_queue *queue,
                                struct ended_span *span); // one thread; false: it is empty

#endif
