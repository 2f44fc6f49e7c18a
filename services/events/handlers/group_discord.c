// The channel of Discord that is told of a group's events: a topic of its own, with the channel's webhook.
#include <stdio.h>
#include <string.h>

#include "lib/base/ids.h"
#include "lib/replica/replica.h"
#include "services/events/handlers/handlers.h"
#include "services/events/handlers/owned.h"
#include "services/events/push/notice.h"
#include "services/events/push/push.h"
#include "services/events/tables.h"

enum { CHANNELS_SINCE = 18 }; // CONSE_FORMAT: older programs would send it what webhooks get

static bool check_plan(const struct events *events, const Events__PutGroupDiscordRequest *request,
                       struct err *err)
{
    if (*request->webhook && !notice_takes(request->webhook, events->settings.push_loopback))
        return err_field(err, INVALID_FIELD, "webhook",
                         "webhook is https://discord.com/api/webhooks/<id>/<token>, as Discord gives it");
    for (size_t i = 0; i < request->n_filter; i++)
        if (!request->filter[i])
            return err_field(err, INVALID_FIELD, "filter", "filter has what is to be told");
    if (replica_all_know(events->replica, CHANNELS_SINCE)) return true;
    err_fail(err, SERVICE_BUSY, "an older process knows nothing of channels yet");
    err->retry_after_s = 5;
    return false;
}

HANDLER(put_group_discord, Events__PutGroupDiscordRequest, Google__Protobuf__Empty)
{
    struct events *events = call->service;
    Push__TopicRow *old, row = PUSH__TOPIC_ROW__INIT;
    Push__WebhookHome home = PUSH__WEBHOOK_HOME__INIT;
    const char *kinds[NOTICE_KINDS];
    char name[TOPIC_NAME];
    Game__GroupRow *group;
    uint64_t version;
    if (!group_begin(call, &group, &version, err) || !check_plan(events, request, err)) return false;
    snprintf(name, sizeof name, TOPIC_OF_GROUP "%s", request->id);
    if (!topic_find(events, name, call->arena, &old, &version, err)) return false;
    const struct store_write *write = rpc_seal(call, &reply->base, NULL, NULL);
    if (call->arena->failed || (!old && !*request->webhook)) return true;
    if (!*request->webhook) return rpc_after(call, topic_end(events, old, version, write)), true;
    const struct uuid id = uuid_new(call->now_ms);
    home.url = request->webhook;
    home.kinds = kinds;
    home.n_kinds = notice_kinds(request->filter, request->n_filter, kinds);
    row.name = name;
    row.id = old ? old->id : id.text;
    row.owner_id = group->group->god_id;
    row.event_id = EVERY_EVENT;
    row.created_ms = old ? old->created_ms : call->now_ms;
    row.webhook = &home;
    row.group_id = request->id;
    rpc_after(call,
              store_put(events->store, &events_tables[EVENTS_TOPICS], &row.base, old ? version : 0, write));
    return true;
}

const struct rpc_method group_discord_methods[] = {
    RPC_METHOD("events.PutGroupDiscord", put_group_discord),
    {0},
};
