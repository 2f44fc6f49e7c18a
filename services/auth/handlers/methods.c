#include "services/auth/handlers/handlers.h"

const struct rpc_method *const auth_methods[] = {account_methods,    login_methods,   phone_methods,
                                                 wallet_methods,     key_methods,     feed_methods,
                                                 proof_methods,      session_methods, password_methods,
                                                 deletion_methods,   export_methods,  preference_methods,
                                                 suspension_methods, api_key_methods, report_methods,
                                                 block_methods,      replica_methods, audit_methods,
                                                 NULL};
