// What operators do to people's accounts, for the audit: each has the account tell it with its next save.
#ifndef AUTH_HANDLERS_ACTS_H
#define AUTH_HANDLERS_ACTS_H

#include "lib/rpc/server.h"
#include "services/auth/accounts.h"

MUST_CHECK bool act_level_set(struct rpc_call *call, struct account *account, Auth__Level__Value before,
                              struct err *err);
// NULL: the account was let in again.
MUST_CHECK bool act_suspension(struct rpc_call *call, struct account *account,
                               const Auth__Suspension *suspension, struct err *err);
MUST_CHECK bool act_sessions_ended(struct rpc_call *call, struct account *account, struct err *err);
MUST_CHECK bool act_unlocked(struct rpc_call *call, struct account *account, struct err *err);
// Whom it was about is filled in when it is resolved. NULL without memory.
Audit__Entry *act_report_resolved(const struct rpc_call *call, const char *id, Auth__Resolution__Value how);

#endif
