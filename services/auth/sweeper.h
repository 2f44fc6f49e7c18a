// Periodic maintenance: every few minutes a thread removes rows that have served; every second it looks for
// revocations that could not be stored.
#ifndef AUTH_SWEEPER_H
#define AUTH_SWEEPER_H

#include "services/auth/auth.h"

struct sweeper;

MUST_CHECK bool sweeper_start(struct sweeper **sweeper, struct auth *auth, struct err *err);
void sweeper_stop(struct sweeper *sweeper); // NULL is fine

// One pass, for the thread and for tests: sessions and codes expired for a day, challenges past their time,
// failures forgotten, commands and revocations older than a day. What a clock that was ahead has stored is
// brought back to the most that its rule gives from now.
MUST_CHECK bool sweep(struct auth *auth, int64_t now_ms, struct err *err);

#endif
