// Sessions: a login and the refresh tokens that descend from it. Each refresh token is good once. Within a
// short grace period, which all parallel refreshes share, it may come again and gets the same child; a later
// reuse is theft and ends the session.
#ifndef AUTH_SESSIONS_H
#define AUTH_SESSIONS_H

#include "services/auth/accounts.h"

// Fills a reply with fresh tokens of a new session and notes the login in the account. The account must be as
// it was when its owner's proof was checked: CONFLICT when its sessions were voided since.
MUST_CHECK bool session_open(struct auth *auth, struct account *account, struct arena *arena, int64_t now_ms,
                             Auth__Session *reply, struct err *err);
// REFRESH_INVALID, or REFRESH_REUSED after ending the session.
MUST_CHECK bool session_refresh(struct auth *auth, const char *refresh_token, struct arena *arena,
                                int64_t now_ms, Auth__Session *reply, struct err *err);
// Ends a session and voids its access tokens. An ended or unknown one is fine.
MUST_CHECK bool session_end(struct auth *auth, const char *session_id, const char *user_id,
                            struct arena *arena, int64_t now_ms, struct err *err);
bring_back session_bring_back;

#endif
