// Sides, roles and last-move cards.
#include "lib/base/ids.h"
#include "services/events/catalogue/catalogue.h"
#include "services/events/handlers/handlers.h"
#include "services/events/tables.h"

HANDLER(list_sides, Events__ListSidesRequest, Events__ListSidesReply)
{
    struct events *events = call->service;
    reply->n_sides = catalogue_list(events->catalogue, EVENTS_SIDES, request->include_disabled, call->arena,
                                    (ProtobufCMessage ***)&reply->sides);
    return true;
}

HANDLER(list_roles, Events__ListRolesRequest, Events__ListRolesReply)
{
    struct events *events = call->service;
    reply->n_roles = catalogue_list(events->catalogue, EVENTS_ROLES, request->include_disabled, call->arena,
                                    (ProtobufCMessage ***)&reply->roles);
    return true;
}

HANDLER(list_last_moves, Events__ListLastMovesRequest, Events__ListLastMovesReply)
{
    struct events *events = call->service;
    reply->n_last_moves = catalogue_list(events->catalogue, EVENTS_LAST_MOVES, request->include_disabled,
                                         call->arena, (ProtobufCMessage ***)&reply->last_moves);
    return true;
}

static char *new_id(const struct rpc_call *call)
{
    return arena_str(call->arena, uuid_new(call->now_ms).text);
}

HANDLER(create_side, Events__CreateSideRequest, Events__SideReply)
{
    struct events *events = call->service;
    Events__Side *side = reply->side = arena_new(call->arena, Events__Side);
    if (!filled(side, err)) return false;
    events__side__init(side);
    side->id = new_id(call);
    side->slug = request->slug;
    side->name = request->name;
    side->name_fa = request->name_fa;
    return catalogue_save(events->catalogue, EVENTS_SIDES, &side->base, err);
}

static void edit_side(ProtobufCMessage *row, const void *wanted)
{
    Events__Side *side = (Events__Side *)row;
    const Events__UpdateSideRequest *request = wanted;
    if (request->name__case) side->name = request->name;
    if (request->name_fa__case) side->name_fa = request->name_fa;
    if (request->disabled__case) side->disabled = request->disabled;
}

HANDLER(update_side, Events__UpdateSideRequest, Events__SideReply)
{
    struct events *events = call->service;
    return catalogue_update(events->catalogue, EVENTS_SIDES, request->id, edit_side, request, call->arena,
                            (ProtobufCMessage **)&reply->side, err);
}

HANDLER(create_role, Events__CreateRoleRequest, Events__RoleReply)
{
    struct events *events = call->service;
    const Events__Side *side =
        (Events__Side *)catalogue_find(events->catalogue, EVENTS_SIDES, request->side_id, call->arena);
    if (!side || side->disabled)
        return err_field(err, INVALID_FIELD, "side_id", "there is no such side, or it is disabled");
    Events__Role *role = reply->role = arena_new(call->arena, Events__Role);
    if (!filled(role, err)) return false;
    events__role__init(role);
    role->id = new_id(call);
    role->slug = request->slug;
    role->name = request->name;
    role->name_fa = request->name_fa;
    role->side_id = request->side_id;
    role->abilities = request->abilities;
    role->copies = request->copies;
    role->effect = request->effect;
    role->rate = request->rate;
    return catalogue_save(events->catalogue, EVENTS_ROLES, &role->base, err);
}

static void edit_role(ProtobufCMessage *row, const void *wanted)
{
    Events__Role *role = (Events__Role *)row;
    const Events__UpdateRoleRequest *request = wanted;
    if (request->name__case) role->name = request->name;
    if (request->name_fa__case) role->name_fa = request->name_fa;
    if (request->abilities__case) role->abilities = request->abilities;
    if (request->copies__case) role->copies = request->copies;
    if (request->effect__case) role->effect = request->effect;
    if (request->rate__case) role->rate = request->rate;
    if (request->disabled__case) role->disabled = request->disabled;
}

HANDLER(update_role, Events__UpdateRoleRequest, Events__RoleReply)
{
    struct events *events = call->service;
    return catalogue_update(events->catalogue, EVENTS_ROLES, request->id, edit_role, request, call->arena,
                            (ProtobufCMessage **)&reply->role, err);
}

HANDLER(create_last_move, Events__CreateLastMoveRequest, Events__LastMoveReply)
{
    struct events *events = call->service;
    Events__LastMove *move = reply->last_move = arena_new(call->arena, Events__LastMove);
    if (!filled(move, err)) return false;
    events__last_move__init(move);
    move->id = new_id(call);
    move->number = request->number;
    move->name = request->name;
    move->effect = request->effect;
    move->rate = request->rate;
    return catalogue_save(events->catalogue, EVENTS_LAST_MOVES, &move->base, err);
}

static void edit_last_move(ProtobufCMessage *row, const void *wanted)
{
    Events__LastMove *move = (Events__LastMove *)row;
    const Events__UpdateLastMoveRequest *request = wanted;
    if (request->name__case) move->name = request->name;
    if (request->effect__case) move->effect = request->effect;
    if (request->rate__case) move->rate = request->rate;
    if (request->disabled__case) move->disabled = request->disabled;
}

HANDLER(update_last_move, Events__UpdateLastMoveRequest, Events__LastMoveReply)
{
    struct events *events = call->service;
    return catalogue_update(events->catalogue, EVENTS_LAST_MOVES, request->id, edit_last_move, request,
                            call->arena, (ProtobufCMessage **)&reply->last_move, err);
}

const struct rpc_method catalogue_methods[] = {
    RPC_METHOD("events.ListSides", list_sides),
    RPC_METHOD("events.CreateSide", create_side),
    RPC_METHOD("events.UpdateSide", update_side),
    RPC_METHOD("events.ListRoles", list_roles),
    RPC_METHOD("events.CreateRole", create_role),
    RPC_METHOD("events.UpdateRole", update_role),
    RPC_METHOD("events.ListLastMoves", list_last_moves),
    RPC_METHOD("events.CreateLastMove", create_last_move),
    RPC_METHOD("events.UpdateLastMove", update_last_move),
    {0},
};
