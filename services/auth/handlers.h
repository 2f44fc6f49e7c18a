// The methods of auth.Auth. auth_methods begins with those about accounts and goes on with the ways in and
// out, and the feed.
#ifndef AUTH_HANDLERS_H
#define AUTH_HANDLERS_H

#include "lib/rpc_server.h"
#include "services/auth/auth.h"
#include "services/auth/identity.h"

extern const struct rpc_method auth_methods[], login_methods[], feed_methods[];

#endif
