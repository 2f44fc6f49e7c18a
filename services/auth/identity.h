// The server's identity: the programs that run here, and the processes that live, signed with the
// installation's Ed25519 key.
#ifndef AUTH_IDENTITY_H
#define AUTH_IDENTITY_H

#include "services/auth/auth.h"

// Hashes the running binary and its sibling conse-* programs once, at the first call. What is signed is kept
// for a second: so much is done however often it is asked for. Thread-safe.
struct identity;
MUST_CHECK bool identity_open(struct identity **identity, struct err *err);
void identity_close(struct identity *identity);
MUST_CHECK bool identity_get(struct auth *auth, struct arena *arena, int64_t now_ms, Auth__Identity *reply,
                             struct err *err);

#endif
