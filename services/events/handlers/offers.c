// What the queue offers people, told on their own topics.
#include <stdio.h>

#include "lib/names/names.h"
#include "services/events/handlers/handlers.h"
#include "services/events/live/aggregates.h"
#include "services/events/streams.h"
#include "services/events/topics/told.h"

static const char *const kinds[] = {[EVENTS__TELL_OFFER_REQUEST__KIND__OFFERED] = "OFFERED",
                                    [EVENTS__TELL_OFFER_REQUEST__KIND__OFFER_SEATED] = "OFFER_SEATED",
                                    [EVENTS__TELL_OFFER_REQUEST__KIND__OFFER_ENDED] = "OFFER_ENDED"};

static bool read_title(struct rpc_call *call, const char *event_id, const char **title, struct err *err)
{
    struct aggregate *aggregate;
    if (!aggregate_enter(call->service, event_id, &aggregate, err)) return false;
    *title = arena_str(call->arena, aggregate->game.terms.title);
    aggregate_leave(aggregate);
    return filled(*title, err);
}

static bool pack_notice(struct rpc_call *call, const Events__TellOfferRequest *request,
                        ProtobufCBinaryData *packed, struct err *err)
{
    Game__UserNotice notice = GAME__USER_NOTICE__INIT;
    if (!read_title(call, request->event_id, &notice.title, err)) return false;
    notice.event_id = request->event_id;
    notice.time_ms = call->now_ms;
    notice.kind = kinds[request->kind];
    *packed = (ProtobufCBinaryData){game__user_notice__get_packed_size(&notice), NULL};
    packed->data = arena_alloc(call->arena, packed->len);
    if (!filled(packed->data, err)) return false;
    game__user_notice__pack(&notice, packed->data);
    return true;
}

// The offer and the kind are the source, so that telling again adds nothing.
static bool tell_one(struct rpc_call *call, const Events__TellOfferRequest *request, const char *user_id,
                     const ProtobufCBinaryData *notice, struct err *err)
{
    struct events *events = call->service;
    char source[UUID_LEN + 16];
    snprintf(source, sizeof source, "offers.%s", request->offer_id);
    const struct store_write write = {.source = {source, (uint64_t)request->kind, 0}};
    if (names_is_deleted(events->names, user_id)) return true;
    const uint64_t ticket = store_append_next(events->store, users_stream(user_id).text, notice, 1, &write);
    return store_wait(events->store, ticket, err) && told_publish(events, user_id, err);
}

HANDLER(tell_offer, Events__TellOfferRequest, Google__Protobuf__Empty)
{
    ProtobufCBinaryData notice;
    if (!pack_notice(call, request, &notice, err)) return false;
    for (size_t i = 0; i < request->n_user_ids; i++)
        if (!tell_one(call, request, request->user_ids[i], &notice, err)) return false;
    return true;
}

const struct rpc_method offer_methods[] = {
    RPC_METHOD("events.TellOffer", tell_offer),
    {0},
};
