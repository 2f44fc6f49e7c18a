// What operators ask: of the processes, and of the keys.
#include <string.h>

#include "lib/replica/replica.h"
#include "services/chain/handlers/handlers.h"
#include "services/chain/tables.h"

HANDLER(list_replicas, Replica__ListRequest, Replica__ListReply)
{
    struct chain *chain = call->service;
    reply->service = "chain";
    return replica_list(chain->replica, chain->store, chain_tables, call->arena, reply, err);
}

HANDLER(get_key_status, Keys__StatusRequest, Keys__Status)
{
    struct chain *chain = call->service;
    return keyring_status(chain->keys, call->arena, reply, err);
}

// Blocks are for ever, and with them the keys that signed them. The ledger names the next one when every
// process has it.
HANDLER(rotate_key, Keys__RotateRequest, Keys__Rotated)
{
    struct chain *chain = call->service;
    char id[64];
    if (strcmp(request->name, CHAIN_KEY_LEDGER) != 0)
        return err_field(err, INVALID_FIELD, "name", "chain has the key ledger");
    if (request->at_once)
        return err_field(err, INVALID_FIELD, "at_once", "blocks need the keys that signed them");
    const struct rotation rotation = {
        .now_ms = call->now_ms,
        .act = audit_act_on_keys(chain->audit, call, AUDIT__AUDIT_KIND__VALUE__KEY_ROTATED, false)};
    if (!book_filled(rotation.act, err) || !audit_collect(chain->audit, err)) return false;
    if (!keyring_rotate(chain->keys, request->name, &rotation, id, err)) return false;
    audit_collect_now(chain->audit);
    reply->ids = arena_array(call->arena, 1, sizeof *reply->ids);
    if (reply->ids) reply->ids[reply->n_ids++] = arena_str(call->arena, id);
    return book_filled(reply->ids, err);
}

HANDLER(rewrap_keys, Keys__RewrapRequest, Keys__Rewrapped)
{
    struct chain *chain = call->service;
    const Audit__Entry *act =
        audit_act_on_keys(chain->audit, call, AUDIT__AUDIT_KIND__VALUE__KEY_REWRAPPED, false);
    bool ok = book_filled(act, err) && keyring_rewrap(chain->keys, act, &reply->count, err);
    audit_collect_now(chain->audit);
    return ok;
}

const struct rpc_method chain_operator_methods[] = {
    RPC_METHOD("chain.ListReplicas", list_replicas),
    RPC_METHOD("chain.keys.GetStatus", get_key_status),
    RPC_METHOD("chain.keys.Rotate", rotate_key),
    RPC_METHOD("chain.keys.Rewrap", rewrap_keys),
    {0},
};
