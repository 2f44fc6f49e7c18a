// What a drill asks the services that run on what was restored.
#include <stdio.h>

#include "events.pb-c.h"
#include "tools/consectl/checks.h"
#include "tools/consectl/deal_check.h"
#include "tools/consectl/drill.h"

// The error tells which event.
static bool of_event(const char *event_id, const char *what, struct err *err)
{
    char message[sizeof err->message];
    snprintf(message, sizeof message, "%s", err->message);
    return err_fail(err, STORE_CORRUPT, "%s of event %s: %s", what, event_id, message);
}

static bool ask_deal(struct drill *drill, const char *event_id, struct drill_found *found, struct err *err)
{
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    request.event_id = event_id;
    arena_reset(&drill->world.arena);
    if (!ctl_ask_running(&drill->world, "events.GetDeal", &request.base, &reply, err)) {
        if (err_is(err, EVENT_NOT_LOCKED) || err_is(err, NOT_FOUND)) return true; // there is none yet
        return of_event(event_id, "the deal", err);
    }
    const Events__Deal *deal = ((const Events__DealReply *)reply)->deal;
    if (!deal || !deal->opened) return true;
    found->deals++;
    return deal_check(deal, err) || of_event(event_id, "the deal", err);
}

static bool ask_event(struct drill *drill, const char *event_id, struct drill_found *found, struct err *err)
{
    uint64_t entries;
    if (drill_is_stopped()) return err_fail(err, SERVICE_AWAY, "the drill was stopped");
    if (!log_check(&drill->world, event_id, &entries, err)) return of_event(event_id, "the log", err);
    found->events++;
    found->entries += entries;
    return ask_deal(drill, event_id, found, err);
}

bool drill_ask(struct drill *drill, struct drill_found *found, struct err *err)
{
    *found = (struct drill_found){0};
    for (size_t i = 0; i < drill->events_count; i++)
        if (!ask_event(drill, drill->events[i], found, err)) return false;
    return ledger_is_right(&drill->world, &found->blocks, err);
}
