// Periodic maintenance: every few minutes a thread removes rows that are no longer needed; every second it
// looks for revocations that could not be stored.
#ifndef AUTH_SWEEPER_H
#define AUTH_SWEEPER_H

#include "services/auth/auth.h"

struct sweeper;

MUST_CHECK bool sweeper_start(struct sweeper **sweeper, struct auth *auth, struct err *err);
void sweeper_stop(struct sweeper *sweeper); // NULL is fine

// One pass, for the thread and for tests. It removes sessions and codes that expired a day ago, challenges
// past their time, forgotten failures, and commands and revocations older than a day. Times that a clock
// ahead of this one has stored are set back to the most that their rule gives from now. Nothing when another
// process has the lease, or another clock is more than a minute off.
MUST_CHECK bool sweep(struct auth *auth, int64_t now_ms, struct err *err);

#endif
