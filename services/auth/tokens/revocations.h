// The topic auth.revocations: notices that make access tokens void before they expire. The stored sessions
// and accounts are authoritative; the stream is made from them and completed at start, so a crash between the
// two loses nothing.
#ifndef AUTH_REVOCATIONS_H
#define AUTH_REVOCATIONS_H

#include "services/auth/auth.h"

#define REVOCATIONS_STREAM "auth.revocations"
#define REVOCATIONS_KIND "REVOCATION"

// Of what is stored as ended already: OUTCOME_UNKNOWN when the store is away.
MUST_CHECK bool revocations_add_session(struct auth *auth, const char *session_id, const char *user_id,
                                        int64_t now_ms, struct err *err);
// The tokens that an API key has given; each attempt counts, because a key that could not be deleted gives
// more.
MUST_CHECK bool revocations_add_key(struct auth *auth, const char *key_id, const char *user_id,
                                    int64_t now_ms, struct err *err);
// Access tokens of the user with a generation below this one are void; OUTCOME_UNKNOWN as above.
MUST_CHECK bool revocations_add_user(struct auth *auth, const char *user_id, uint64_t generation,
                                     int64_t now_ms, struct err *err);
// At start, and from time to time: adds what was revoked within the life of an access token and is not there.
MUST_CHECK bool revocations_catch_up(struct auth *auth, int64_t now_ms, struct err *err);
// The same when one could not be stored since; otherwise it does nothing.
MUST_CHECK bool revocations_pay(struct auth *auth, int64_t now_ms, struct err *err);

#endif
