// What others use to verify us: the keys of access tokens, and the server's signed identity.
#include "services/auth/handlers/handlers.h"

HANDLER(get_jwks, Auth__JwksRequest, Auth__Jwks)
{
    struct auth *auth = call->service;
    return token_jwks(auth->tokens, call->now_ms, call->arena, reply, err);
}

HANDLER(get_identity, Auth__IdentityRequest, Auth__Identity)
{
    struct auth *auth = call->service;
    return identity_sign(auth->identity, auth->identity_seed, call->arena, call->now_ms, reply, err);
}

const struct rpc_method key_methods[] = {
    RPC_METHOD("auth.GetJwks", get_jwks),
    RPC_METHOD("auth.GetIdentity", get_identity),
    {0},
};
