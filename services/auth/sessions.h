// Sessions: a login and the refresh tokens that descend from it. Each refresh token is good once. Within a
// short grace period, which all parallel refreshes share, it may come again and gets the same child; a later
// reuse is theft and ends the session.
#ifndef AUTH_SESSIONS_H
#define AUTH_SESSIONS_H

#include "services/auth/accounts.h"

struct session_start {
    Auth__LoginKind__Value kind; // what its person showed
    const char *address;         // of the client
};

// Fills a reply with fresh tokens of a new session and notes the login in the account. The account must be as
// it was when its owner's proof was checked: CONFLICT when its sessions were voided since.
MUST_CHECK bool session_open(struct auth *auth, struct account *account, const struct session_start *start,
                             struct arena *arena, int64_t now_ms, Auth__Session *reply, struct err *err);
// REFRESH_INVALID, or REFRESH_REUSED after ending the session.
MUST_CHECK bool session_refresh(struct auth *auth, const char *refresh_token, const char *address,
                                struct arena *arena, int64_t now_ms, Auth__Session *reply, struct err *err);
// Recent proof: a new session has it, and session_prove renews it. A refresh gives none, so neither an access
// nor a refresh token alone changes what the account is entered by.
// PROOF_NEEDED unless the session is one of the account's, goes on, and its person has shown who they are
// within CONSE_PROOF_TTL. The account is as stored: save it only as loaded here, so that what ended the
// session meanwhile is noticed.
MUST_CHECK bool session_check_proof(struct auth *auth, const char *session_id, const struct account *account,
                                    struct arena *arena, int64_t now_ms, struct err *err);
// The session's person has just shown who they are. PROOF_NEEDED when it is no log-in's session, or has
// ended.
MUST_CHECK bool session_prove(struct auth *auth, const char *session_id, const struct account *account,
                              struct arena *arena, int64_t now_ms, struct err *err);
// Ends a session and voids its access tokens. An ended or unknown one is fine.
MUST_CHECK bool session_end(struct auth *auth, const char *session_id, const char *user_id,
                            struct arena *arena, int64_t now_ms, struct err *err);
bring_back session_bring_back;

#endif
