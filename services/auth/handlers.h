// The methods of auth.Auth, in two tables by subject; main.c joins them.
#ifndef AUTH_HANDLERS_H
#define AUTH_HANDLERS_H

#include "lib/rpc_server.h"
#include "services/auth/auth.h"
#include "services/auth/identity.h"

extern const struct rpc_method account_methods[], login_methods[];

#endif
