// Sides, roles and last-move cards.
#include "lib/base/ids.h"
#include "lib/base/log.h"
#include "services/events/catalogue/catalogue.h"
#include "services/events/catalogue/night.h"
#include "services/events/handlers/handlers.h"
#include "services/events/money/tell.h"
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

static bool give_id(struct rpc_call *call, const char **out, struct err *err)
{
    struct uuid id;
    if (!rpc_new_id(call, &id, err)) return false;
    *out = arena_str(call->arena, id.text);
    return filled(*out, err);
}

// The write of an entry, with the reply that a repeated command gets; NULL: none.
static const struct store_write *seal_entry(struct rpc_call *call, const ProtobufCMessage *reply)
{
    const struct store_write *write = rpc_seal(call, reply, NULL, NULL);
    return call->arena->failed ? NULL : write;
}

// For the audit: `kinds` has those of sides, roles and cards.
static Audit__Entry *act_on(const struct rpc_call *call, enum events_table table, const char *id,
                            const Audit__AuditKind__Value kinds[3])
{
    const struct events *events = call->service;
    return audit_act(events->audit, call, kinds[table - EVENTS_SIDES], id);
}

static bool add_entry(struct rpc_call *call, enum events_table table, const ProtobufCMessage *entry,
                      const ProtobufCMessage *reply, struct err *err)
{
    static const Audit__AuditKind__Value kinds[] = {AUDIT__AUDIT_KIND__VALUE__SIDE_CREATED,
                                                    AUDIT__AUDIT_KIND__VALUE__ROLE_CREATED,
                                                    AUDIT__AUDIT_KIND__VALUE__LAST_MOVE_CREATED};
    const struct events *events = call->service;
    const Audit__Entry *act = act_on(call, table, store_row_id(&events_tables[table], entry), kinds);
    const struct store_write *write = seal_entry(call, reply);
    return filled(write, err) && filled(act, err) &&
           catalogue_save(events->catalogue, table, entry, act, write, err);
}

// An entry that is changed as requested.
struct edit {
    struct rpc_call *call;
    void (*apply)(ProtobufCMessage *entry, const ProtobufCMessage *request);
    ProtobufCMessage *reply, **entry;                              // entry: of the reply
    bool (*check)(const ProtobufCMessage *entry, struct err *err); // as changed; or NULL
};

static const struct store_write *edit_and_seal(void *arg, ProtobufCMessage *entry, struct err *err)
{
    const struct edit *edit = arg;
    edit->apply(entry, edit->call->request);
    *edit->entry = entry;
    if (edit->check && !edit->check(entry, err)) return NULL;
    const struct store_write *write = seal_entry(edit->call, edit->reply);
    return filled(write, err) ? write : NULL;
}

// Every field that may be edited is a oneof's only member.
static bool is_given(const ProtobufCMessage *request, const ProtobufCFieldDescriptor *field)
{
    return field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
           *(const uint32_t *)(const void *)((const char *)request + field->quantifier_offset) == field->id;
}

static bool name_fields(const struct rpc_call *call, Audit__Entry *act)
{
    const ProtobufCMessageDescriptor *type = call->request->descriptor;
    Audit__Edited *edited = arena_new(call->arena, Audit__Edited);
    const char **fields = arena_array(call->arena, type->n_fields + 1, sizeof *fields);
    if (!act || !edited || !fields) return false;
    audit__edited__init(edited);
    edited->fields = fields;
    for (unsigned i = 0; i < type->n_fields; i++)
        if (is_given(call->request, &type->fields[i]))
            edited->fields[edited->n_fields++] = type->fields[i].name;
    act->detail_case = AUDIT__ENTRY__DETAIL_EDITED;
    act->edited = edited;
    return true;
}

static bool save_edit(struct edit *edit, enum events_table table, const char *id, struct err *err)
{
    static const Audit__AuditKind__Value kinds[] = {AUDIT__AUDIT_KIND__VALUE__SIDE_UPDATED,
                                                    AUDIT__AUDIT_KIND__VALUE__ROLE_UPDATED,
                                                    AUDIT__AUDIT_KIND__VALUE__LAST_MOVE_UPDATED};
    const struct events *events = edit->call->service;
    Audit__Entry *act = act_on(edit->call, table, id, kinds);
    const struct catalogue_change change = {table, id, edit->call->arena, edit_and_seal, edit, act};
    return filled(name_fields(edit->call, act) ? act : NULL, err) &&
           catalogue_update(events->catalogue, &change, err);
}

HANDLER(create_side, Events__CreateSideRequest, Events__SideReply)
{
    Events__Side *side = reply->side = arena_new(call->arena, Events__Side);
    if (!filled(side, err)) return false;
    events__side__init(side);
    if (!give_id(call, &side->id, err)) return false;
    side->slug = request->slug;
    side->name = request->name;
    side->name_fa = request->name_fa;
    side->meets__case = EVENTS__SIDE__MEETS__MEETS;
    side->meets = request->meets;
    return add_entry(call, EVENTS_SIDES, &side->base, &reply->base, err);
}

static void edit_side(ProtobufCMessage *entry, const ProtobufCMessage *wanted)
{
    Events__Side *side = (Events__Side *)entry;
    const Events__UpdateSideRequest *request = (const Events__UpdateSideRequest *)wanted;
    if (request->name__case) side->name = request->name;
    if (request->name_fa__case) side->name_fa = request->name_fa;
    if (request->disabled__case) side->disabled = request->disabled;
    if (!request->meets__case) return;
    side->meets__case = EVENTS__SIDE__MEETS__MEETS;
    side->meets = request->meets;
}

HANDLER(update_side, Events__UpdateSideRequest, Events__SideReply)
{
    struct edit edit = {call, edit_side, &reply->base, (ProtobufCMessage **)&reply->side, NULL};
    return save_edit(&edit, EVENTS_SIDES, request->id, err);
}

static void set_night(Events__Role *role, const Events__CreateRoleRequest *request)
{
    role->night_order = request->night_order;
    role->wakes = request->wakes;
    role->n = request->n;
    role->prompt = request->prompt;
    role->prompt_fa = request->prompt_fa;
    role->effect_fa = request->effect_fa;
    role->meets = request->meets;
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
    if (!give_id(call, &role->id, err)) return false;
    role->slug = request->slug;
    role->name = request->name;
    role->name_fa = request->name_fa;
    role->side_id = request->side_id;
    role->abilities = request->abilities;
    role->copies = request->copies;
    role->effect = request->effect;
    role->rate = request->rate;
    set_night(role, request);
    return night_check(role, err) && add_entry(call, EVENTS_ROLES, &role->base, &reply->base, err);
}

static void edit_night(Events__Role *role, const Events__UpdateRoleRequest *request)
{
    if (request->night_order__case) role->night_order = request->night_order;
    if (request->wakes__case) role->wakes = request->wakes;
    if (request->n__case) role->n = request->n;
    if (request->prompt__case) role->prompt = request->prompt;
    if (request->prompt_fa__case) role->prompt_fa = request->prompt_fa;
    if (request->effect_fa__case) role->effect_fa = request->effect_fa;
    if (request->meets__case) role->meets = request->meets;
}

static void edit_role(ProtobufCMessage *entry, const ProtobufCMessage *wanted)
{
    Events__Role *role = (Events__Role *)entry;
    const Events__UpdateRoleRequest *request = (const Events__UpdateRoleRequest *)wanted;
    if (request->name__case) role->name = request->name;
    if (request->name_fa__case) role->name_fa = request->name_fa;
    if (request->abilities__case) role->abilities = request->abilities;
    if (request->copies__case) role->copies = request->copies;
    if (request->effect__case) role->effect = request->effect;
    if (request->rate__case) role->rate = request->rate;
    if (request->disabled__case) role->disabled = request->disabled;
    edit_night(role, request);
}

static bool check_role(const ProtobufCMessage *entry, struct err *err)
{
    return night_check((const Events__Role *)entry, err);
}

HANDLER(update_role, Events__UpdateRoleRequest, Events__RoleReply)
{
    struct edit edit = {call, edit_role, &reply->base, (ProtobufCMessage **)&reply->role, check_role};
    struct err second;
    if (!save_edit(&edit, EVENTS_ROLES, request->id, err)) return false;
    if (!money_tell_roles(call->service, call->arena, &second))
        log_err(LOG_WARN, "chain is told later of a role that was switched", &second);
    return true;
}

HANDLER(create_last_move, Events__CreateLastMoveRequest, Events__LastMoveReply)
{
    Events__LastMove *move = reply->last_move = arena_new(call->arena, Events__LastMove);
    if (!filled(move, err)) return false;
    events__last_move__init(move);
    if (!give_id(call, &move->id, err)) return false;
    move->number = request->number;
    move->name = request->name;
    move->effect = request->effect;
    move->rate = request->rate;
    move->name_fa = request->name_fa;
    move->effect_fa = request->effect_fa;
    return add_entry(call, EVENTS_LAST_MOVES, &move->base, &reply->base, err);
}

static void edit_last_move(ProtobufCMessage *entry, const ProtobufCMessage *wanted)
{
    Events__LastMove *move = (Events__LastMove *)entry;
    const Events__UpdateLastMoveRequest *request = (const Events__UpdateLastMoveRequest *)wanted;
    if (request->name__case) move->name = request->name;
    if (request->effect__case) move->effect = request->effect;
    if (request->name_fa__case) move->name_fa = request->name_fa;
    if (request->effect_fa__case) move->effect_fa = request->effect_fa;
    if (request->rate__case) move->rate = request->rate;
    if (request->disabled__case) move->disabled = request->disabled;
}

HANDLER(update_last_move, Events__UpdateLastMoveRequest, Events__LastMoveReply)
{
    struct edit edit = {call, edit_last_move, &reply->base, (ProtobufCMessage **)&reply->last_move, NULL};
    return save_edit(&edit, EVENTS_LAST_MOVES, request->id, err);
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
