// What follows the deletion of an account: its row is a tombstone by then, and what is left elsewhere goes.
// The row says so until that is done, so a crash in between leaves nothing for good.
#ifndef AUTH_ERASURE_H
#define AUTH_ERASURE_H

#include "services/auth/auth.h"

// Sessions, API keys, locks, blocks, the person in their own reports, and whatever else is kept by the user's
// id.
MUST_CHECK bool erasure_rows(struct auth *auth, const char *user_id, struct arena *arena, struct err *err);
// Completes what was begun, and takes the names of deleted accounts out of auth.names, at most once a day.
MUST_CHECK bool erasure_sweep(struct auth *auth, int64_t now_ms, struct err *err);

#endif
