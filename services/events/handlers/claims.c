// Guests' seats that accounts take over.
#include <stdio.h>

#include "lib/qr/qr.h"
#include "lib/replica/replica.h"
#include "services/events/handlers/handlers.h"
#include "services/events/live/ticket.h"

static bool fill_ticket(const struct command *command, const char *guest_id, Events__ClaimTicketReply *reply,
                        struct err *err)
{
    struct arena *arena = command->call->arena;
    char ticket[TICKET_TEXT];
    AUTO_KEY struct key key;
    keyring_in_use(command->events->keys, EVENTS_KEY_DEAL, &key);
    ticket_make(ticket, key.bytes, command->game->id.text, guest_id, command->call->now_ms);
    reply->ticket = arena_str(arena, ticket);
    // What follows the # is neither sent to a server nor told to the next page.
    reply->url = arena_printf(arena, "%s/?event=%s#claim=%s", command->events->settings.public_url,
                              command->game->id.text, ticket);
    reply->svg = reply->url ? qr_svg(reply->url, "QR code to take over a guest's seat", arena) : NULL;
    return filled(reply->svg, err) && filled(reply->ticket, err);
}

enum {
    LATE_SINCE = 10
}; // CONSE_FORMAT: older programs tell nobody of a seat that is taken over after the end

static bool everybody_tells(const struct command *command, struct err *err)
{
    if (!game_over(command->game) || replica_all_know(command->events->replica, LATE_SINCE)) return true;
    err_fail(err, SERVICE_BUSY, "an older process tells nobody of seats that are taken over after the end");
    err->retry_after_s = 5;
    return false;
}

HANDLER(make_claim_ticket, Events__SeatRequest, Events__ClaimTicketReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_claimable(command.game, request->user_id, call->now_ms, err) &&
           fill_ticket(&command, request->user_id, reply, err);
}

static bool read_ticket(const struct command *command, const char *ticket, struct uuid *guest_id)
{
    AUTO_KEYS struct key_set set;
    const int64_t now_ms = command->call->now_ms;
    keyring_get(command->events->keys, EVENTS_KEY_DEAL, &set);
    for (size_t i = 0; i < set.count && key_serves(&set, i, TICKET_LIFE_MS, now_ms); i++)
        if (ticket_read(guest_id, set.keys[i].bytes, command->game->id.text, ticket, now_ms)) return true;
    return false;
}

HANDLER(claim_seat, Events__ClaimRequest, Events__ReserveReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    const Rpc__Caller *caller = call->caller;
    struct uuid guest_id;
    if (!command_begin(&command, err)) return false;
    if (!read_ticket(&command, request->ticket, &guest_id))
        return err_field(err, NOT_FOUND, "ticket", "this is no ticket of the event, or its time is over");
    const struct claiming claiming = {guest_id.text, caller->user_id, caller->username, caller_is_dev(call)};
    if (!everybody_tells(&command, err) || !rules_claim(command.game, &command.entries, &claiming, err))
        return false;
    reply->existing = command.entries.count == 0;
    reply->reservation =
        command.entries.failed ? NULL : view_reservation(command.game, caller->user_id, call->arena);
    return filled(reply->reservation, err) && command_commit(&command, &reply->base, err);
}

HANDLER(unclaim_seat, Events__SeatRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_unclaim(command.game, &command.entries, request->user_id, err) &&
           command_commit(&command, &reply->base, err);
}

const struct rpc_method claim_methods[] = {
    RPC_METHOD("events.MakeClaimTicket", make_claim_ticket),
    RPC_METHOD("events.ClaimSeat", claim_seat),
    RPC_METHOD("events.UnclaimSeat", unclaim_seat),
    {0},
};
