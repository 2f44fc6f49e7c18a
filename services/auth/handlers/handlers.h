// The methods of auth.Auth and of the feed: auth_methods is the first table, and each goes on with the next.
#ifndef AUTH_HANDLERS_HANDLERS_H
#define AUTH_HANDLERS_HANDLERS_H

#include "lib/rpc/server.h"
#include "services/auth/auth.h"
#include "services/auth/identity.h"

extern const struct rpc_method auth_methods[], login_methods[], phone_methods[], wallet_methods[],
    key_methods[], feed_methods[];

#endif
