// What operators do with keys.
#include <string.h>

#include "services/events/handlers/handlers.h"
#include "services/events/live/signer.h"
#include "services/events/push/letter.h"

HANDLER(get_key_status, Keys__StatusRequest, Keys__Status)
{
    struct events *events = call->service;
    return keyring_status(events->keys, call->arena, reply, err);
}

static const int64_t WEBHOOK_LIFE_MS = INT64_C(2) * 86400 * 1000; // until receivers have the next key

// Deals and checkpoints stay for ever, so no key of theirs goes.
HANDLER(rotate_key, Keys__RotateRequest, Keys__Rotated)
{
    struct events *events = call->service;
    char id[64];
    bool lasts = strcmp(request->name, EVENTS_KEY_DEAL) == 0 || strcmp(request->name, CHECKPOINT_KEY) == 0;
    if (!lasts && strcmp(request->name, WEBHOOK_KEY) != 0)
        return err_field(err, INVALID_FIELD, "name", "events has the keys deal, checkpoint and webhook");
    if (lasts && request->at_once)
        return err_field(err, INVALID_FIELD, "at_once", "deals and checkpoints need the keys that made them");
    const struct rotation rotation = {
        .now_ms = call->now_ms,
        .life_ms = lasts ? 0 : WEBHOOK_LIFE_MS,
        .at_once = request->at_once,
        .act =
            audit_act_on_keys(events->audit, call, AUDIT__AUDIT_KIND__VALUE__KEY_ROTATED, request->at_once)};
    if (!filled(rotation.act, err) || !audit_collect(events->audit, err)) return false;
    if (!keyring_rotate(events->keys, request->name, &rotation, id, err)) return false;
    audit_collect_now(events->audit);
    signer_wake(events->signer);
    reply->ids = arena_array(call->arena, 1, sizeof *reply->ids);
    if (reply->ids) reply->ids[reply->n_ids++] = arena_str(call->arena, id);
    return filled(reply->ids, err);
}

HANDLER(rewrap_keys, Keys__RewrapRequest, Keys__Rewrapped)
{
    struct events *events = call->service;
    const Audit__Entry *act =
        audit_act_on_keys(events->audit, call, AUDIT__AUDIT_KIND__VALUE__KEY_REWRAPPED, false);
    bool ok = filled(act, err) && keyring_rewrap(events->keys, act, &reply->count, err);
    audit_collect_now(events->audit);
    return ok;
}

const struct rpc_method event_key_methods[] = {
    RPC_METHOD("events.keys.GetStatus", get_key_status),
    RPC_METHOD("events.keys.Rotate", rotate_key),
    RPC_METHOD("events.keys.Rewrap", rewrap_keys),
    {0},
};
