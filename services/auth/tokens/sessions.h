// Sessions: a login and the refresh tokens that descend from it. Each refresh token is good once. Within a
// short grace period, which all parallel refreshes share, it may come again and gets the same child; a later
// reuse is theft and ends the session.
#ifndef AUTH_SESSIONS_H
#define AUTH_SESSIONS_H

#include "rpc.pb-c.h"
#include "services/auth/accounts.h"

struct session_start {
    Auth__LoginKind__Value kind; // what its person showed
    const char *address;         // of the client
};

// Fills a reply with fresh tokens of a new session and notes the login in the account. The account must be as
// it was when its owner's proof was checked: CONFLICT when its sessions were voided since. SUSPENDED. The
// session that was used least lately ends when there are SESSIONS_MOST.
MUST_CHECK bool session_open(struct auth *auth, struct account *account, const struct session_start *start,
                             struct arena *arena, int64_t now_ms, Auth__Session *reply, struct err *err);
// The session and place of a refresh token that was made here; false for other texts.
bool session_token_read(struct auth *auth, const char *refresh_token, int64_t now_ms, char session_id[40],
                        uint32_t *counter);
// REFRESH_INVALID, or REFRESH_REUSED after ending the session; SUSPENDED, and the token may come again later.
MUST_CHECK bool session_refresh(struct auth *auth, const char *refresh_token, const char *address,
                                struct arena *arena, int64_t now_ms, Auth__Session *reply, struct err *err);
// True when it is one of the account's sessions and has not ended.
MUST_CHECK bool session_goes_on(struct auth *auth, const char *session_id, const struct account *account,
                                struct arena *arena, int64_t now_ms, bool *goes_on, struct err *err);
// Counts what was shown wrong in a session since the last right time. The SESSION_WRONG_PROOFS-th ends the
// session: whoever has its token may guess no more, and nothing else of the account is locked.
enum { SESSION_WRONG_PROOFS = 5 };
MUST_CHECK bool session_note_proof(struct auth *auth, const char *session_id, bool right, struct arena *arena,
                                   int64_t now_ms, struct err *err);
// The account's sessions that go on, the one used last first; at most SESSIONS_MOST of them, rows of the
// arena.
enum { SESSIONS_MOST = 100 };
struct sessions {
    const Accounts__Session *all[SESSIONS_MOST];
    size_t count;
};
MUST_CHECK bool sessions_list(struct auth *auth, const struct account *account, struct arena *arena,
                              int64_t now_ms, struct sessions *sessions, struct err *err);
// For the caller's session, which outlives account_void_sessions: it is of the account's present epoch from
// now on. Fills the reply with an access token alone, which ends when the caller's does; the refresh token
// stays with who has it. TOKEN_INVALID when the session has ended.
MUST_CHECK bool session_keep(struct auth *auth, const Rpc__Caller *caller, const struct account *account,
                             struct arena *arena, int64_t now_ms, Auth__Session *reply, struct err *err);
// Ends a session and voids its access tokens. An ended or unknown one is fine.
MUST_CHECK bool session_end(struct auth *auth, const char *session_id, const char *user_id,
                            struct arena *arena, int64_t now_ms, struct err *err);
// Removes all rows of a user, also of sessions that have ended.
MUST_CHECK bool sessions_erase(struct auth *auth, const char *user_id, struct err *err);
bring_back session_bring_back;

#endif
