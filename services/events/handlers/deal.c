// Locking, dealing and what is published of it.
#include "services/events/handlers/handlers.h"
#include "services/events/handlers/titles.h"
#include "services/events/topics/places.h"

HANDLER(lock_event, Events__LockRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err)) return false;
    bool ok = request->end_holds ? rules_lock_ending(command.game, &command.entries, err)
                                 : rules_lock(command.game, &command.entries, err);
    return ok && events_reply(&command, reply, err);
}

HANDLER(unlock_event, Events__EventRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    const struct deal_secrets *secrets;
    return command_begin(&command, err) && command_secrets(&command, &secrets, err) &&
           rules_unlock(command.game, &command.entries, secrets, err) && events_reply(&command, reply, err);
}

static bool deal_anew(struct command *command, const Events__RevealRequest *request,
                      const struct deal_secrets *secrets, struct err *err)
{
    if (!request->redeal) return rules_reveal(command->game, &command->entries, secrets, err);
    return rules_redeal(command->game, &command->entries, secrets, request->redeal->reason, err);
}

HANDLER(reveal_secrets, Events__RevealRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    const struct deal_secrets *secrets;
    if (!command_begin(&command, err) || !command_secrets(&command, &secrets, err)) return false;
    if (request->without_beacon &&
        !rules_give_beacon_up(command.game, &command.entries, request->without_beacon->reason, err))
        return false;
    return deal_anew(&command, request, secrets, err) && events_reply(&command, reply, err);
}

HANDLER(show_card, Events__SeatRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_show_card(command.game, &command.entries, request->user_id, err) &&
           command_commit(&command, &reply->base, err);
}

HANDLER(get_deal, Events__EventRequest, Events__DealReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err)) return false;
    place_tell(&command);
    reply->deal = view_deal(command.game, call->arena);
    return filled(reply->deal, err);
}

HANDLER(get_event_deck, Events__EventRequest, Events__EventDeckReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err)) return false;
    place_tell(&command);
    const Events__Deck *deck = view_deck(command.game, call->arena);
    if (deck) reply->deck = titles_deck(command.events, deck, call->arena);
    return filled(reply->deck, err);
}

const struct rpc_method deal_methods[] = {
    RPC_METHOD("events.LockEvent", lock_event),
    RPC_METHOD("events.UnlockEvent", unlock_event),
    RPC_METHOD("events.Reveal", reveal_secrets),
    RPC_METHOD("events.GetDeal", get_deal),
    RPC_METHOD("events.GetEventDeck", get_event_deck),
    RPC_METHOD("events.ShowCard", show_card),
    {0},
};
