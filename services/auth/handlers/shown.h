// Stored rows as their person sees them.
#ifndef AUTH_HANDLERS_SHOWN_H
#define AUTH_HANDLERS_SHOWN_H

#include "lib/rpc/server.h"
#include "services/auth/accounts.h"

// NULL without memory.
Auth__OpenSession *session_shown(const struct rpc_call *call, const Accounts__Session *row);
// The account's keys, as api_keys_list has them.
MUST_CHECK bool api_keys_shown(struct rpc_call *call, const struct account *account, Auth__ApiKey ***keys,
                               size_t *count, struct err *err);
// A list of accounts.Block.
MUST_CHECK bool blocks_shown(struct rpc_call *call, const struct store_rows *rows, Auth__Block ***blocks,
                             size_t *count, struct err *err);
// NULL without memory.
Auth__AccountPreferences *preferences_shown(const Accounts__Account *row, struct arena *arena);
// What its reporter sees of it: not what operators noted.
MUST_CHECK bool report_shown(struct rpc_call *call, const Accounts__Report *row, Auth__Report **out,
                             struct err *err);

#endif
