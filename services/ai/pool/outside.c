#include "services/ai/pool/outside.h"

#include "lib/base/stamp.h"

enum { PAGE = 100, OPEN_MOST = 1000 };

static bool outside_ask(const struct outside *outside, const char *method, const ProtobufCMessage *request,
                        struct arena *arena, ProtobufCMessage **reply, struct err *err)
{
    const struct outside_question question = {.method = method, .request = request};
    return outside->ask(outside->arg, &question, arena, reply, err);
}

bool outside_events_of(const struct outside *outside, const Events__ListEventsRequest *request, size_t most,
                       struct arena *arena, struct event_list *list, struct err *err)
{
    Events__ListEventsRequest page = *request;
    page.page_size = PAGE;
    *list = (struct event_list){arena_array(arena, most + PAGE, sizeof *list->all), 0};
    if (!list->all) return err_fail(err, INTERNAL_ERROR, "no memory for events");
    do {
        ProtobufCMessage *message;
        if (!outside_ask(outside, "events.ListEvents", &page.base, arena, &message, err)) return false;
        const Events__ListEventsReply *reply = (const Events__ListEventsReply *)message;
        for (size_t i = 0; i < reply->n_events && i < PAGE; i++) list->all[list->count++] = reply->events[i];
        page.page_token = reply->next_page_token;
    } while (page.page_token[0] && list->count < most);
    return true;
}

bool outside_open_events(const struct outside *outside, int64_t after_ms, struct arena *arena,
                         struct event_list *list, struct err *err)
{
    Events__ListEventsRequest request = EVENTS__LIST_EVENTS_REQUEST__INIT;
    Google__Protobuf__Timestamp after = stamp_of(after_ms);
    request.status = EVENTS__EVENT__STATE__OPEN;
    request.starts_after = &after;
    return outside_events_of(outside, &request, OPEN_MOST, arena, list, err);
}

bool outside_event(const struct outside *outside, const char *event_id, struct arena *arena,
                   const Events__Event **event, struct err *err)
{
    Events__EventRequest request = EVENTS__EVENT_REQUEST__INIT;
    ProtobufCMessage *reply;
    request.event_id = event_id;
    if (!outside_ask(outside, "events.GetEvent", &request.base, arena, &reply, err)) return false;
    *event = ((const Events__EventReply *)reply)->event;
    return *event || err_fail(err, INTERNAL_ERROR, "events shows no event");
}

bool outside_blocks(const struct outside *outside, const char **user_ids, size_t count, struct arena *arena,
                    const Auth__FindBlocksReply **blocks, struct err *err)
{
    Auth__FindBlocksRequest request = AUTH__FIND_BLOCKS_REQUEST__INIT;
    request.user_ids = user_ids;
    request.n_user_ids = count;
    return outside_ask(outside, "auth.FindBlocks", &request.base, arena, (ProtobufCMessage **)blocks, err);
}

bool outside_tell(const struct outside *outside, const Events__TellOfferRequest *request, struct arena *arena,
                  struct err *err)
{
    ProtobufCMessage *reply;
    return outside_ask(outside, "events.TellOffer", &request->base, arena, &reply, err);
}

bool outside_may_repeat(const struct err *err)
{
    switch (err_code(err)) {
    case CONSE__CODE__UNAVAILABLE:
    case CONSE__CODE__DEADLINE_EXCEEDED:
    case CONSE__CODE__INTERNAL:
    case CONSE__CODE__ABORTED:
    case CONSE__CODE__CANCELLED:
        return true;
    default:
        return err_is(err, CALL_TOO_LARGE);
    }
}
