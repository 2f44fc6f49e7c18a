// Which tickets failed and why, and which queued writes must fail because they were decided on one that
// failed. The commit thread adds; any thread may look up. The last 65536 failures are remembered.
#ifndef LIB_STORE_FAILURES_H
#define LIB_STORE_FAILURES_H

#include "lib/base/err.h"

struct store_job;
struct store_failures;

struct store_failures *store_failures_create(void);
void store_failures_destroy(struct store_failures *failures);

// Fails a job. `why` is a constant string. Jobs queued behind it on the same stream are doomed.
void store_failures_add(struct store_failures *failures, struct store_job *job, Conse__Reason__Value reason,
                        const char *why);
// True when the job depends on a failed one; it is then failed too.
bool store_failures_doomed(struct store_failures *failures, struct store_job *job);
// Tickets up to `decided` are settled and their callers told: a write with a ticket after `last` was queued
// knowing every failure so far.
void store_failures_fence(struct store_failures *failures, uint64_t decided, uint64_t last);
// True when the ticket failed; err, unless NULL, says why.
bool store_failures_find(struct store_failures *failures, uint64_t ticket, struct err *err);

#endif
