// The hand-over of an event to another god.
#include <stdio.h>

#include "services/events/handlers/handlers.h"
#include "services/events/handlers/named.h"

static bool may_lead(const struct name_told *told, int64_t now_ms)
{
    return told->level && told->level <= LEVEL_GOD && told->suspended_until_ms <= now_ms;
}

// By what auth has published of the new god: auth itself is not asked, because calls between services go one
// way. Of whom nothing was heard, auth may still have news.
static bool check_new_god(struct rpc_call *call, const char *god_id, const char *field, struct err *err)
{
    const struct events *events = call->service;
    struct name_told told;
    bool fresh = names_are_fresh(events->names); // before they are looked for
    bool known = names_get(events->names, god_id, &told);
    if (known && may_lead(&told, call->now_ms)) return true;
    if (known || fresh || names_is_deleted(events->names, god_id))
        return err_field(err, NOT_A_GOD, field, "the new god must be a god, and not suspended");
    err_fail(err, SERVICE_BUSY, "it is not known yet whether the new god is one");
    err->retry_after_s = 1;
    return false;
}

static bool find_new_god(struct rpc_call *call, const Events__HandOverRequest *request,
                         struct name_told *told, struct err *err)
{
    bool by_name;
    if (!named_once(request->god_id, "god_id", request->username, &by_name, err)) return false;
    if (by_name && !named_find(call->service, request->username, told, err)) return false;
    if (!by_name) snprintf(told->user_id.text, sizeof told->user_id.text, "%s", request->god_id);
    return check_new_god(call, told->user_id.text, by_name ? "username" : "god_id", err);
}

// For the audit: the append carries it, and the projector adds it.
static bool tell_hand_over(struct command *command, const char *to_id, struct err *err)
{
    struct rpc_call *call = command->call;
    Audit__HandedOver detail = AUDIT__HANDED_OVER__INIT;
    Audit__Entry *act = audit_act(command->events->audit, call, AUDIT__AUDIT_KIND__VALUE__EVENT_HANDED_OVER,
                                  command->game->id.text);
    if (!filled(act, err)) return false;
    detail.from_id = command->game->god_id.text;
    detail.to_id = to_id;
    act->detail_case = AUDIT__ENTRY__DETAIL_HANDED_OVER;
    act->handed_over = &detail;
    return audit_attach(act, call->arena, &command->attached, err);
}

HANDLER(hand_over_event, Events__HandOverRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    struct name_told god;
    return command_begin(&command, err) && find_new_god(call, request, &god, err) &&
           tell_hand_over(&command, god.user_id.text, err) &&
           rules_hand_over(command.game, &command.entries, god.user_id.text, err) &&
           events_reply(&command, reply, err);
}

const struct rpc_method hand_over_methods[] = {
    RPC_METHOD("events.HandOverEvent", hand_over_event),
    {0},
};
