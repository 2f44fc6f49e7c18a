// How long the topic auth.revocations is kept: a day. Readers that come later go on at its oldest entry.
#ifndef AUTH_RETENTION_H
#define AUTH_RETENTION_H

#include "services/auth/auth.h"

// Drops what is older, 100 000 entries at most; the append made last stays. Any thread.
MUST_CHECK bool retention_trim(struct auth *auth, int64_t now_ms, struct err *err);

#endif
