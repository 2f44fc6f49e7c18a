// The methods of auth.Auth and of the service's Feed and Keys: auth_methods has all of them, the other tables
// have them by subject.
#ifndef AUTH_HANDLERS_HANDLERS_H
#define AUTH_HANDLERS_HANDLERS_H

#include "lib/rpc/server.h"
#include "services/auth/auth.h"
#include "services/auth/identity.h"

extern const struct rpc_method *const auth_methods[];

extern const struct rpc_method account_methods[], login_methods[], phone_methods[], wallet_methods[],
    key_methods[], feed_methods[], proof_methods[], suspension_methods[], session_methods[],
    password_methods[], api_key_methods[], report_methods[], block_methods[], deletion_methods[],
    export_methods[], preference_methods[], replica_methods[], audit_methods[];

#endif
