// What somebody has on the ledger, asked of chain before an account is deleted.
#ifndef AUTH_HANDLERS_BELONGINGS_H
#define AUTH_HANDLERS_BELONGINGS_H

#include "chain.pb-c.h"
#include "lib/rpc/server.h"

// BELONGINGS_LEFT, with what is left; SERVICE_AWAY when chain does not say. Nothing is asked where no chain
// is known. Blocks.
MUST_CHECK bool belongings_none(struct rpc_call *call, const char *user_id, struct err *err);
// The same of what chain said.
MUST_CHECK bool belongings_judge(const Chain__Belongings *left, struct err *err);

#endif
