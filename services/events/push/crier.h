// Entries of topics in the channels of a Redis, "conse.<topic>", as JSON: for programs that know no NNG.
// Those of a topic come in order. What Redis did not take is published when it is back; where a process takes
// over from another, those of the last minute come once more, and their index tells so. A thread, where a
// Redis is named.
#ifndef EVENTS_PUSH_CRIER_H
#define EVENTS_PUSH_CRIER_H

#include "services/events/push/topic_rows.h"

struct crier;

// *crier NULL: no Redis is named. INVALID_FIELD when its URL is none.
MUST_CHECK bool crier_open(struct crier **crier, struct events *events, struct err *err);
void crier_close(struct crier *crier); // when the store is closed; NULL is fine, below too
MUST_CHECK bool crier_start(struct crier *crier, struct err *err);
void crier_stop(struct crier *crier);
// The topic has something new, or may have. Any thread; does not block.
void crier_ring(struct crier *crier, const char *name);

#endif
