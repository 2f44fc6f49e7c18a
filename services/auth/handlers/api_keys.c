// API keys: making, listing and ending them, and the access tokens that they give.
#include "services/auth/handlers/handlers.h"

#include "lib/base/stamp.h"
#include "services/auth/tokens/api_keys.h"
#include "services/auth/handlers/shown.h"
#include "services/auth/handlers/ways.h"

static Auth__ApiKey *api_key_shown(const Accounts__ApiKey *row, struct arena *arena)
{
    Auth__ApiKey *shown = arena_new(arena, Auth__ApiKey);
    if (!shown) return NULL;
    auth__api_key__init(shown);
    shown->id = row->id;
    shown->name = row->name;
    shown->level = row->level;
    shown->read_only = row->read_only;
    shown->created_at = row->created_at;
    shown->expires_at = row->expires_at;
    shown->last_used_at = row->last_used_at;
    return shown;
}

static bool check_key(const struct rpc_call *call, const Auth__CreateApiKeyRequest *request, struct err *err)
{
    if (request->level && (uint32_t)request->level < call->caller->level)
        return err_field(err, INVALID_FIELD, "level", "a key may have at most the level of its account");
    return !request->expires_at || stamp_ms(request->expires_at) > call->now_ms ||
           err_field(err, INVALID_FIELD, "expires_at", "expires_at must be in the future");
}

// So that no proof is used up in vain.
static bool check_room(struct rpc_call *call, struct err *err)
{
    struct account account;
    return account_get(call->service, call->caller->user_id, call->arena, &account, err) &&
           api_keys_check_room(call->service, &account, call->arena, err);
}

HANDLER(create_api_key, Auth__CreateApiKeyRequest, Auth__CreateApiKeyReply)
{
    struct account account;
    Accounts__ApiKey row = ACCOUNTS__API_KEY__INIT;
    char *key = arena_alloc(call->arena, API_KEY_MAX);
    if (!key) return err_fail(err, INTERNAL_ERROR, "out of memory");
    if (!check_key(call, request, err) || !check_room(call, err) || !proof_spend(call, &account, err))
        return false;
    row.name = request->name;
    row.level = request->level ? request->level : account.row->level;
    row.read_only = request->read_only;
    row.expires_at = request->expires_at;
    if (!api_key_create(call->service, &account, &row, key, call->arena, call->now_ms, err)) return false;
    reply->key = key;
    reply->api_key = api_key_shown(&row, call->arena);
    return reply->api_key || err_fail(err, INTERNAL_ERROR, "out of memory");
}

bool api_keys_shown(struct rpc_call *call, const struct account *account, Auth__ApiKey ***shown,
                    size_t *count, struct err *err)
{
    struct api_keys keys;
    if (!api_keys_list(call->service, account, call->arena, &keys, err)) return false;
    *shown = arena_array(call->arena, keys.count, sizeof **shown);
    for (; !call->arena->failed && *count < keys.count; ++*count)
        (*shown)[*count] = api_key_shown(keys.rows[*count], call->arena);
    return !call->arena->failed || err_fail(err, INTERNAL_ERROR, "out of memory");
}

HANDLER(list_api_keys, Auth__ListApiKeysRequest, Auth__ListApiKeysReply)
{
    struct account account;
    return account_get(call->service, call->caller->user_id, call->arena, &account, err) &&
           api_keys_shown(call, &account, &reply->api_keys, &reply->n_api_keys, err);
}

HANDLER(delete_api_key, Auth__DeleteApiKeyRequest, Google__Protobuf__Empty)
{
    return api_key_delete(call->service, call->caller->user_id, request->id, call->arena, call->now_ms, err);
}

HANDLER(get_api_key_token, Auth__ApiKeyTokenRequest, Auth__ApiKeyToken)
{
    return api_key_exchange(call->service, request->key, call->arena, call->now_ms, reply, err);
}

const struct rpc_method api_key_methods[] = {
    RPC_METHOD("auth.CreateApiKey", create_api_key),
    RPC_METHOD("auth.ListApiKeys", list_api_keys),
    RPC_METHOD("auth.DeleteApiKey", delete_api_key),
    RPC_METHOD("auth.GetApiKeyToken", get_api_key_token),
    {0},
};
