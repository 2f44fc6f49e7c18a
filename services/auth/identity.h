// The server's identity: the programs that run here, signed with the installation's Ed25519 key.
#ifndef AUTH_IDENTITY_H
#define AUTH_IDENTITY_H

#include "services/auth/auth.h"

// Hashes the running binary and its sibling conse-* programs once, at the first call. Thread-safe.
struct identity;
MUST_CHECK bool identity_open(struct identity **identity, struct err *err);
void identity_close(struct identity *identity);
MUST_CHECK bool identity_sign(struct identity *identity, const uint8_t seed[KEY_BYTES], struct arena *arena,
                              int64_t now_ms, Auth__Identity *reply, struct err *err);
#endif
