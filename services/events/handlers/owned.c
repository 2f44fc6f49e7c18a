#include "services/events/handlers/owned.h"

#include <string.h>

#include "services/events/catalogue/decks.h"
#include "services/events/tables.h"

bool group_find(struct rpc_call *call, const char *id, Game__GroupRow **row, uint64_t *version,
                struct err *err)
{
    struct events *events = call->service;
    if (!store_get(events->store, &events_tables[EVENTS_GROUPS], id, call->arena, (ProtobufCMessage **)row,
                   version, err))
        return false;
    return (*row && (*row)->group) || err_fail(err, NOT_FOUND, "there is no such group");
}

static const char *owned_id(const struct rpc_call *call)
{
    return schema_text(call->request, call->method->owners->field);
}

static bool is_its_god(const struct rpc_call *call, const Game__GroupRow *group)
{
    return caller_is_dev(call) || strcmp(group->god_id, call->caller->user_id) == 0;
}

bool group_begin(struct rpc_call *call, Game__GroupRow **row, uint64_t *version, struct err *err)
{
    bool found = group_find(call, owned_id(call), row, version, err);
    if (!found && !err_is(err, NOT_FOUND)) return false;
    bool allowed = found && (is_its_god(call, *row) || passport_refuse(call->method, "group", err));
    return rpc_judge(call, allowed, err);
}

bool deck_begin(struct rpc_call *call, Game__DeckRow **row, uint64_t *version, struct err *err)
{
    Game__GroupRow *group;
    uint64_t group_version;
    bool found = deck_find(call->service, owned_id(call), call->arena, row, version, err) &&
                 group_find(call, (*row)->group_id, &group, &group_version, err);
    if (!found && !err_is(err, NOT_FOUND)) return false;
    bool allowed = found && (is_its_god(call, group) || passport_refuse(call->method, "deck", err));
    return rpc_judge(call, allowed, err);
}
