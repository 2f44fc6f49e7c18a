// How long the topic auth.revocations is kept: a day. Readers that are further behind continue at its oldest
// entry.
#ifndef AUTH_RETENTION_H
#define AUTH_RETENTION_H

#include "services/auth/auth.h"

// Drops older entries, at most 100 000; the append made last stays. Any thread.
MUST_CHECK bool retention_trim(struct auth *auth, int64_t now_ms, struct err *err);

#endif
