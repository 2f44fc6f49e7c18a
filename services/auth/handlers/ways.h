// The ways to show who one is, and what a caller has shown a short while ago: a token alone changes nothing
// by which the account is entered.
#ifndef AUTH_HANDLERS_WAYS_H
#define AUTH_HANDLERS_WAYS_H

#include "lib/rpc/server.h"
#include "services/auth/accounts.h"

// The account may have no row, or no password: that takes as long as a wrong one. When it fits, its hash may
// have been made anew in the row; saving that is the caller's.
MUST_CHECK bool way_password(struct rpc_call *call, struct account *account, const char *password, bool *fits,
                             struct err *err);
// The hash of a new password; NULL for "". SERVICE_BUSY.
MUST_CHECK bool way_hash(struct rpc_call *call, const char *password, const char **hash, struct err *err);
// OTP_INVALID, ADDRESS_LOCKED. Uses the code up, and unlocks the account of this phone.
MUST_CHECK bool way_code(struct rpc_call *call, const struct account *account, const char *code,
                         const char *device_token, struct err *err);
// WALLET_PROOF_INVALID, also for a challenge that the account has not asked for, or of another wallet than
// its own. Uses the challenge up.
MUST_CHECK bool way_wallet(struct rpc_call *call, const Auth__WalletVerifyRequest *answer,
                           const struct account *account, struct err *err);

// The caller's account; TOKEN_INVALID when it was deleted.
MUST_CHECK bool caller_account(struct rpc_call *call, struct account *account, struct err *err);
// The caller's account, in a session that goes on; PROOF_NEEDED when the token is of no such session.
MUST_CHECK bool caller_load(struct rpc_call *call, struct account *account, struct err *err);
// PROOF_NEEDED unless the caller has shown who they are within CONSE_PROOF_TTL, in the session of their
// token, and not used that yet. The account is the caller's, as loaded. The proof is taken out of its row: it
// is used up by saving the account together with the change, and is left when that fails.
MUST_CHECK bool proof_need(struct rpc_call *call, struct account *account, struct err *err);
// The same, but a code is not enough while the account has a password: who has stolen a phone number can log
// in, and no more.
MUST_CHECK bool proof_need_strong(struct rpc_call *call, struct account *account, struct err *err);
// For what changes no account: uses the proof up by itself. *account is the caller's, as saved.
MUST_CHECK bool proof_spend(struct rpc_call *call, struct account *account, struct err *err);
// For what is shown in the call itself, in the caller's session: counts a wrong one, and then fails with the
// reason that *err has, or with TOKEN_INVALID when the session has ended. Of a right one the tries before are
// forgotten.
MUST_CHECK bool proof_note(struct rpc_call *call, bool right, struct err *err);

#endif
