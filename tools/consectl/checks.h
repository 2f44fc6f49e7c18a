// What consectl log and consectl ledger verify check of running services, without printing.
#ifndef CONSECTL_CHECKS_H
#define CONSECTL_CHECKS_H

#include "tools/consectl/consectl.h"

// An event's hash chain with its checkpoints and its end; *entries: how many it has.
MUST_CHECK bool log_check(struct ctl *ctl, const char *event_id, uint64_t *entries, struct err *err);
// Recomputes the whole ledger; *blocks: how many it has.
MUST_CHECK bool ledger_is_right(struct ctl *ctl, uint64_t *blocks, struct err *err);

#endif
