// What others use to verify us: the keys of access tokens, the server's signed identity, certificates. And
// what operators do with keys.
#include <string.h>

#include "lib/keys/certificate.h"
#include "services/auth/handlers/handlers.h"

HANDLER(get_jwks, Auth__JwksRequest, Auth__Jwks)
{
    struct auth *auth = call->service;
    return token_jwks(auth->tokens, call->now_ms, call->arena, reply, err);
}

HANDLER(get_identity, Auth__IdentityRequest, Auth__Identity)
{
    return identity_get(call->service, call->arena, call->now_ms, reply, err);
}

HANDLER(certify_key, Auth__CertifyRequest, Auth__Certificate)
{
    struct auth *auth = call->service;
    AUTO_KEY struct key key;
    enum certificate_use use =
        call->asker == CONSE__ASKER__VALUE__CHAIN ? CERTIFIES_LEDGER : CERTIFIES_CHECKPOINTS;
    reply->certificate.data = arena_alloc(call->arena, reply->certificate.len = KEY_CERTIFICATE);
    reply->identity.data = arena_alloc(call->arena, reply->identity.len = PUBLIC_KEY);
    if (call->arena->failed) return err_fail(err, INTERNAL_ERROR, "out of memory");
    keyring_in_use(auth->keys, AUTH_KEY_IDENTITY, &key);
    certificate_make(key.bytes, use, request->public_key.data, reply->certificate.data);
    signing_public(key.bytes, reply->identity.data);
    return true;
}

HANDLER(get_key_status, Keys__StatusRequest, Keys__Status)
{
    struct auth *auth = call->service;
    return keyring_status(auth->keys, call->arena, reply, err);
}

// How long what a key made is good; 0: without end. API keys rest on the refresh keys.
static bool find_rotation(const struct auth *auth, const char *name, int64_t *life_ms, struct err *err)
{
    const struct {
        const char *name;
        int64_t life_ms;
    } rotations[] = {{AUTH_KEY_REFRESH, 0},
                     {AUTH_KEY_DEVICE, auth->settings.device_ms},
                     {AUTH_KEY_OTP, auth->settings.otp_ms}};
    for (size_t i = 0; i < sizeof rotations / sizeof *rotations; i++)
        if (strcmp(rotations[i].name, name) == 0) return *life_ms = rotations[i].life_ms, true;
    if (strcmp(name, AUTH_KEY_IDENTITY) == 0)
        return err_field(err, INVALID_FIELD, "name",
                         "the identity is not rotated: others know this installation by it");
    return err_field(err, INVALID_FIELD, "name", "auth has the keys token, refresh, device and otp");
}

static bool fill_rotated(struct arena *arena, char ids[][64], size_t count, Keys__Rotated *reply,
                         struct err *err)
{
    reply->ids = arena_array(arena, count, sizeof *reply->ids);
    for (size_t i = 0; reply->ids && i < count; i++) reply->ids[reply->n_ids++] = arena_str(arena, ids[i]);
    return !arena->failed || err_fail(err, INTERNAL_ERROR, "out of memory");
}

HANDLER(rotate_key, Keys__RotateRequest, Keys__Rotated)
{
    struct auth *auth = call->service;
    const Audit__Entry *act =
        audit_act_on_keys(auth->audit, call, AUDIT__AUDIT_KIND__VALUE__KEY_ROTATED, request->at_once);
    struct rotation rotation = {.now_ms = call->now_ms, .at_once = request->at_once, .act = act};
    char ids[TOKEN_ROTATED][64];
    size_t count = 1;
    if (!act) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!audit_collect(auth->audit, err)) return false;
    bool ok = strcmp(request->name, "token") == 0
                  ? token_keys_rotate(auth->tokens, &rotation, auth->settings.access_ms, ids, &count, err)
                  : find_rotation(auth, request->name, &rotation.life_ms, err) &&
                        keyring_rotate(auth->keys, request->name, &rotation, ids[0], err);
    audit_collect_now(auth->audit);
    return ok && fill_rotated(call->arena, ids, count, reply, err);
}

HANDLER(rewrap_keys, Keys__RewrapRequest, Keys__Rewrapped)
{
    struct auth *auth = call->service;
    const Audit__Entry *act =
        audit_act_on_keys(auth->audit, call, AUDIT__AUDIT_KIND__VALUE__KEY_REWRAPPED, false);
    if (!act) return err_fail(err, INTERNAL_ERROR, "out of memory");
    bool ok = keyring_rewrap(auth->keys, act, &reply->count, err);
    audit_collect_now(auth->audit);
    return ok;
}

const struct rpc_method key_methods[] = {
    RPC_METHOD("auth.GetJwks", get_jwks),
    RPC_METHOD("auth.GetIdentity", get_identity),
    RPC_METHOD("auth.CertifyKey", certify_key),
    RPC_METHOD("auth.keys.GetStatus", get_key_status),
    RPC_METHOD("auth.keys.Rotate", rotate_key),
    RPC_METHOD("auth.keys.Rewrap", rewrap_keys),
    {0},
};
