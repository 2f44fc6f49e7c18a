// What span.c and export.c share. Private to the room.
#ifndef LIB_TRACE_RECORDING_H
#define LIB_TRACE_RECORDING_H

#include "lib/base/metrics.h"
#include "lib/trace/span_queue.h"

// From now on spans go into the queue; what finds no room is counted.
void recording_begin(struct span_queue *queue, double ratio, struct metric *dropped);
void recording_end(void); // begins none; those that end are dropped

#endif
