#include "services/ai/discord/glance.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "events.pb-c.h"
#include "lib/base/clock.h"
#include "lib/base/ids.h"
#include "lib/base/stamp.h"
#include "lib/base/version.h"
#include "lib/rpc/client.h"
#include "lib/text/markdown.h"
#include "services/ai/discord/own.h"
#include "services/ai/discord/tally.h"

enum { ASK_MS = 5000, TEXT_BYTES = 4096, EVENTS_PAGE = 100 };

// ---- Asking events, for nobody

static bool ask_events(struct work *work, const char *method, const ProtobufCMessage *request,
                       ProtobufCMessage **reply, struct err *err)
{
    const struct ai *ai = work->ai;
    const struct rpc_client_options options = {.service = "events",
                                               .self = CONSE__ASKER__VALUE__AI,
                                               .address = ai->events,
                                               .bus_keys = ai->bus_keys};
    struct rpc_client *client;
    if (!rpc_client_create(&client, &options, err)) return false;
    bool ok = rpc_client_ask(client, method, NULL, request, ASK_MS, work->arena, reply, err);
    rpc_client_destroy(client);
    return ok;
}

// ---- /stats

static void say_open_events(struct work *work, struct buf *text)
{
    Events__ListEventsRequest request = EVENTS__LIST_EVENTS_REQUEST__INIT;
    ProtobufCMessage *reply;
    struct err err = {0};
    request.status = EVENTS__EVENT__STATE__OPEN;
    request.page_size = EVENTS_PAGE;
    if (!ask_events(work, "events.ListEvents", &request.base, &reply, &err))
        return buf_str(text, "Open events: not known just now\n");
    const Events__ListEventsReply *found = (const Events__ListEventsReply *)reply;
    buf_printf(text, "Open events: %zu%s\n", found->n_events, *found->next_page_token ? " or more" : "");
}

static void say_stats(struct work *work, struct buf *text)
{
    struct store_rows waiting = {.count = 0};
    struct err err = {0};
    int64_t summaries;
    buf_printf(text, "Version %s, up since <t:%" PRId64 ":R>\n", CONSE_VERSION, work->up_since_ms / 1000);
    if (jobs_in(work->ai->store, DISCORD__JOB_ROW__STATE__WAITING, work->arena, &waiting, &err))
        buf_printf(text, "Commands that wait: %zu\n",
                   waiting.count ? waiting.count - 1 : 0); // without this one
    if (tally_today(work->ai->store, clock_unix_ms(), &summaries, work->arena, &err))
        buf_printf(text, "Summaries today: %" PRId64 "\n", summaries);
    say_open_events(work, text);
    own_rating(work, text);
}

// ---- /event

static const char *state_of(const Events__Event *event)
{
    static const char *const words[] = {[EVENTS__EVENT__STATE__OPEN] = "open",
                                        [EVENTS__EVENT__STATE__LOCKED] = "locked: nobody joins any more",
                                        [EVENTS__EVENT__STATE__REVEALED] = "roles are dealt",
                                        [EVENTS__EVENT__STATE__RUNNING] = "is being played",
                                        [EVENTS__EVENT__STATE__DONE] = "is over",
                                        [EVENTS__EVENT__STATE__CANCELLED] = "cancelled",
                                        [EVENTS__EVENT__STATE__EXPIRED] = "did not take place"};
    size_t state = (size_t)event->state;
    return state < sizeof words / sizeof *words && words[state] ? words[state] : "";
}

static void show_event(const Events__Event *event, struct buf *text)
{
    buf_str(text, "**");
    markdown_plain(text, event->title);
    buf_printf(text, "**, %s\n", state_of(event));
    if (event->starts_at && event->starts_at->utc)
        buf_printf(text, "<t:%" PRId64 ":F>, <t:%" PRId64 ":R>\n", stamp_ms(event->starts_at->utc) / 1000,
                   stamp_ms(event->starts_at->utc) / 1000);
    buf_printf(text, "%d of %d seats are taken", event->seats_taken, event->max_players);
    if (event->waitlisted) buf_printf(text, ", %d wait for one", event->waitlisted);
    if (event->god && event->god->username) {
        buf_str(text, "\nGod: ");
        markdown_plain(text, event->god->username);
    }
}

bool glance_event(struct work *work, const Events__Event **event, struct err *err)
{
    ProtobufCMessage *reply;
    if (uuid_check(work->row->event)) {
        Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
        request.event_id = work->row->event;
        if (!ask_events(work, "events.GetEvent", &request.base, &reply, err)) return false;
        return *event = ((const Events__EventReply *)reply)->event, true;
    }
    Events__JoinRequest request = EVENTS__JOIN_REQUEST__INIT;
    request.code = work->row->event;
    if (!ask_events(work, "events.FindJoin", &request.base, &reply, err)) return false;
    return *event = ((const Events__JoinReply *)reply)->event, true;
}

static void say_event(struct work *work, struct buf *text)
{
    const Events__Event *event = NULL;
    struct err err = {0};
    if (glance_event(work, &event, &err) && event)
        show_event(event, text);
    else if (err_is(&err, SERVICE_AWAY) || err_is(&err, DEADLINE_PASSED))
        buf_str(text, "Events can't be asked just now; try again in a minute.");
    else
        buf_str(text, "There is no such event.");
}

void glance_say(struct work *work, struct said *said)
{
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    (work->row->kind == DISCORD__JOB_ROW__KIND__STATS ? say_stats : say_event)(work, &text);
    *said = (struct said){.count = 1, .messages = {arena_str(work->arena, text.bytes)}};
    buf_finish(&text);
}
