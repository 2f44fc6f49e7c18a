// The ways to show who one is: a password, a one-time code, a signed challenge. What fails counts towards the
// locks of accounts, devices and addresses, wherever it is tried.
#ifndef AUTH_HANDLERS_WAYS_H
#define AUTH_HANDLERS_WAYS_H

#include "lib/rpc/server.h"
#include "services/auth/accounts.h"

struct password_try {
    const char *username; // that was typed, when there is no such account
    const char *password;
    const char *device_token; // or ""
};

// BAD_CREDENTIALS; ACCOUNT_LOCKED or ADDRESS_LOCKED, also after hashing. The account may have no row. When
// the password fits, its hash may have been made anew in the row: saving that is the caller's.
MUST_CHECK bool way_password(struct rpc_call *call, struct account *account,
                             const struct password_try *attempt, struct err *err);
// OTP_INVALID, ADDRESS_LOCKED. Uses the code up, and unlocks the account of this phone.
MUST_CHECK bool way_code(struct rpc_call *call, const struct account *account, const char *code,
                         const char *device_token, struct err *err);
// WALLET_PROOF_INVALID, also when the wallet that signed is another one. Uses the challenge up.
MUST_CHECK bool way_wallet(struct rpc_call *call, const Auth__WalletVerifyRequest *answer, const char *wallet,
                           struct err *err);

// PROOF_NEEDED unless the caller has shown a short while ago who they are, in the session of their token. The
// account is the caller's, as loaded for the change that needs this: it must be saved only as loaded.
MUST_CHECK bool proof_need(struct rpc_call *call, const struct account *account, struct err *err);

#endif
