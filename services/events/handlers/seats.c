// Seats, the waitlist, votes, and a player's own card.
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "services/events/catalogue/catalogue.h"
#include "services/events/handlers/handlers.h"
#include "services/events/handlers/named.h"
#include "services/events/handlers/pages.h"
#include "services/events/handlers/titles.h"
#include "services/events/tables.h"
#include "services/events/topics/places.h"

static bool may_seat(const struct command *command, const Events__ReserveRequest *request, struct err *err)
{
    bool guest = request->guest_name[0];
    const char *field = guest ? "guest_name" : "username";
    if (!command->viewer.god)
        return err_field(err, NOT_OWNER, field, "who leads the event gives seats to others");
    if (!guest && game_assistant(command->game, command->call->caller->user_id) != GAME_NO_ONE)
        return err_field(err, NOT_OWNER, field, "an assistant gives seats to guests alone");
    if (guest && request->username[0])
        return err_field(err, INVALID_FIELD, "username", "give guest_name or username, not both");
    return !request->nonce.len ||
           err_field(err, INVALID_FIELD, "nonce", "a nonce is given by the player themselves");
}

// Whether the seat is to be given without a payment. Who has no account can't pay.
static bool may_give(const struct command *command, const Events__ReserveRequest *request, struct err *err)
{
    bool guest = request->guest_name[0];
    if (request->comp && game_assistant(command->game, command->call->caller->user_id) != GAME_NO_ONE)
        return err_field(err, NOT_OWNER, "comp", "the god of the event gives seats without a payment");
    return !guest || request->comp || !game_is_priced(command->game) ||
           err_field(err, INVALID_FIELD, "comp", "a guest cannot pay: say comp to give them the seat");
}

static bool seat_account(struct command *command, const Events__ReserveRequest *request, struct uuid *user_id,
                         struct err *err)
{
    struct name_told told;
    if (!named_find(command->events, request->username, &told, err) ||
        !named_check_open(&told, command->call->now_ms, "username", err))
        return false;
    if (told.level == LEVEL_DEV) // who plays can't help from outside
        return err_field(err, GOD_MAY_NOT_PLAY, "username", "a dev takes a seat by themselves alone");
    *user_id = told.user_id;
    return (request->comp ? rules_give_seat : rules_reserve_for)(command->game, &command->entries,
                                                                 told.user_id.text, told.username, err);
}

// user_id becomes who was seated.
static bool seat_who_is_named(struct command *command, const Events__ReserveRequest *request,
                              struct uuid *user_id, struct err *err)
{
    const Rpc__Caller *caller = command->call->caller;
    if (request->guest_name[0] || request->username[0]) {
        if (!may_seat(command, request, err) || !may_give(command, request, err)) return false;
        return request->username[0]
                   ? seat_account(command, request, user_id, err)
                   : rules_reserve_guest(command->game, &command->entries, request->guest_name, user_id, err);
    }
    if (request->comp)
        return err_field(err, INVALID_FIELD, "comp", "comp is for seats that are given to others");
    snprintf(user_id->text, sizeof user_id->text, "%s", caller->user_id);
    return rules_reserve(command->game, &command->entries, caller->username, request->nonce, err);
}

HANDLER(reserve_seat, Events__ReserveRequest, Events__ReserveReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    struct uuid user_id;
    if (!command_begin(&command, err) || !seat_who_is_named(&command, request, &user_id, err)) return false;
    reply->existing =
        command.entries.count == 0 || command.entries.made[0].which == GAME__ENTRY__BODY_NONCE_GIVEN;
    reply->reservation =
        command.entries.failed ? NULL : view_reservation(command.game, user_id.text, call->arena);
    return filled(reply->reservation, err) && command_commit(&command, &reply->base, err);
}

// One with a payment ends only when chain says so.
static bool fill_ending(struct command *command, const char *user_id, Events__CancelReply *reply,
                        struct err *err)
{
    if (command->entries.failed) return true; // the commit says so
    if (!game_takes_part(command->game, game_person(command->game, user_id))) return true;
    reply->ending = true;
    reply->reservation = view_reservation(command->game, user_id, command->call->arena);
    return filled(reply->reservation, err);
}

HANDLER(cancel_reservation, Events__SeatRequest, Events__CancelReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    const struct deal_secrets *secrets;
    return command_begin(&command, err) && command_secrets(&command, &secrets, err) &&
           rules_leave(command.game, &command.entries, request->user_id, secrets, err) &&
           fill_ending(&command, request->user_id, reply, err) && command_commit(&command, &reply->base, err);
}

HANDLER(list_waitlist, Events__ListWaitlistRequest, Events__ListWaitlistReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    struct view_page page;
    if (!command_begin(&command, err) || !command_look(&command, err) ||
        !page_choose(&page, request->page_size, request->page_token, command.game->waiting_count, err))
        return false;
    place_tell(&command);
    bool ok = view_waitlist(command.game, &page, reply, call->arena);
    return ok ? page_token(&page, &reply->next_page_token, call->arena, err) : filled(NULL, err);
}

HANDLER(order_seats, Events__OrderSeatsRequest, Events__EventReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_order_seats(command.game, &command.entries, (const char **)request->user_ids,
                             request->n_user_ids, err) &&
           events_reply(&command, reply, err);
}

HANDLER(set_attendance, Events__AttendanceRequest, Events__PlayerReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err) ||
        !rules_attendance(command.game, &command.entries, request->user_id, request->attendance, err))
        return false;
    return players_reply(&command, request->user_id, reply, err);
}

HANDLER(vote_event, Events__VoteRequest, Events__VoteReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err)) return false;
    if (!rules_vote(command.game, &command.entries, request->vote, err)) return false;
    reply->upvotes = command.game->upvotes;
    reply->downvotes = command.game->downvotes;
    return command_commit(&command, &reply->base, err);
}

// The catalogue's card with the uses that it has in this game, whatever the catalogue has now.
static Events__Role *role_of(struct command *command, const char *role_id)
{
    Events__Role *role = (Events__Role *)catalogue_find(command->events->catalogue, EVENTS_ROLES, role_id,
                                                        command->call->arena);
    const struct role_facts *facts =
        game_role(command->game, (unsigned)game_find_role(command->game, role_id));
    if (role && facts) role->abilities = facts->abilities;
    return role;
}

// Of the deal in use; once that is open, without the key.
static bool find_secret(struct command *command, uint8_t secret[DEAL_HASH], struct err *err)
{
    const struct deal_secrets *secrets;
    const struct game *game = command->game;
    if (game->opened) return memcpy(secret, game->secret.bytes, DEAL_HASH), true;
    if (!command_secrets(command, &secrets, err)) return false;
    deal_secret(secret, secrets, (uint32_t)game->k);
    return true;
}

static bool fill_card(struct command *command, int person, Events__MeReply *reply, struct err *err)
{
    uint8_t secret[DEAL_HASH];
    struct arena *arena = command->call->arena;
    if (!command->game->dealt || !command->game->people[person].card) return true;
    if (!find_secret(command, secret, err)) return false;
    reply->proof = view_proof(command->game, person, secret, arena);
    sodium_memzero(secret, sizeof secret);
    if (!filled(reply->proof, err)) return false;
    reply->role = role_of(command, reply->player->role_id);
    reply->side = (Events__Side *)catalogue_find(command->events->catalogue, EVENTS_SIDES,
                                                 reply->player->side_id, arena);
    return true;
}

// Private: a caller without a seat learns only that there is nothing for them.
HANDLER(get_my_player, Events__EventRequest, Events__MeReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err)) return false;
    int person = game_player(command.game, call->caller->user_id);
    if (person == GAME_NO_ONE)
        return err_fail(err, NOT_FOUND, "there is no such event, or you have no seat in it");
    place_tell(&command);
    reply->player = view_player(command.game, &command.viewer, person, call->arena);
    if (!reply->player || !titles_player(command.events, reply->player, call->arena))
        return filled(NULL, err);
    if (reply->player->abilities_left__case) {
        reply->abilities_left__case = EVENTS__ME_REPLY__ABILITIES_LEFT__ABILITIES_LEFT;
        reply->abilities_left = reply->player->abilities_left;
    }
    return fill_card(&command, person, reply, err) &&
           (view_notes(command.game, &command.viewer, reply, call->arena) || filled(NULL, err));
}

const struct rpc_method seat_methods[] = {
    RPC_METHOD("events.Reserve", reserve_seat),
    RPC_METHOD("events.CancelReservation", cancel_reservation),
    RPC_METHOD("events.ListWaitlist", list_waitlist),
    RPC_METHOD("events.OrderSeats", order_seats),
    RPC_METHOD("events.SetAttendance", set_attendance),
    RPC_METHOD("events.VoteEvent", vote_event),
    RPC_METHOD("events.GetMyPlayer", get_my_player),
    {0},
};
