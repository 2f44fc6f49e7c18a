// Stored rows as their person sees them.
#ifndef AUTH_HANDLERS_SHOWN_H
#define AUTH_HANDLERS_SHOWN_H

#include "lib/rpc/server.h"
#include "services/auth/auth.h"

// NULL without memory.
Auth__OpenSession *session_shown(const struct rpc_call *call, const Accounts__Session *row);
Auth__ApiKey *api_key_shown(const Accounts__ApiKey *row, struct arena *arena);
// A list of accounts.Block.
MUST_CHECK bool blocks_shown(struct rpc_call *call, const struct store_rows *rows, Auth__Block ***blocks,
                             size_t *count, struct err *err);
// What its reporter sees of it: not what operators noted.
MUST_CHECK bool report_shown(struct rpc_call *call, const Accounts__Report *row, Auth__Report **out,
                             struct err *err);

#endif
