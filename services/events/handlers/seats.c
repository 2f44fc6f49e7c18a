// Seats, the waitlist, votes, and what a player has.
#include <string.h>

#include "services/events/catalogue/catalogue.h"
#include "services/events/handlers/handlers.h"

HANDLER(reserve, Events__ReserveRequest, Events__ReserveReply)
{
    AUTO_TURN struct turn turn = {.call = call};
    if (!turn_begin(&turn, request->event_id, AS_USER, err)) return false;
    if (!rules_reserve(turn.game, &turn.moves, call->caller->username, request->nonce, err)) return false;
    reply->existing = turn.moves.count == 0;
    reply->reservation =
        turn.moves.failed ? NULL : view_reservation(turn.game, call->caller->user_id, call->arena);
    return filled(reply->reservation, err) && turn_commit(&turn, &reply->base, err);
}

// The owner himself, the god, or a dev. Others learn nothing of who is in the waitlist.
static bool may_free(const struct turn *turn, const char *user_id, struct err *err)
{
    const char *caller = turn->call->caller->user_id;
    return caller_is_dev(turn->call) || strcmp(caller, user_id) == 0 ||
           strcmp(caller, turn->game->god_id.text) == 0 ||
           err_fail(err, NOT_OWNER, "this reservation is someone else's");
}

HANDLER(cancel_reservation, Events__SeatRequest, Google__Protobuf__Empty)
{
    AUTO_TURN struct turn turn = {.call = call};
    const uint8_t *secret;
    if (!(caller_is_dev(call) || need_user(call, err))) return false;
    return turn_begin(&turn, request->event_id, AS_ANYONE, err) && may_free(&turn, request->user_id, err) &&
           turn_secret(&turn, &secret, err) &&
           rules_leave(turn.game, &turn.moves, request->user_id, secret, err) &&
           turn_commit(&turn, &reply->base, err);
}

HANDLER(vote_event, Events__VoteRequest, Events__VoteReply)
{
    AUTO_TURN struct turn turn = {.call = call};
    if (!turn_begin(&turn, request->event_id, AS_USER, err)) return false;
    if (!rules_vote(turn.game, &turn.moves, request->vote, err)) return false;
    reply->upvotes = turn.game->upvotes;
    reply->downvotes = turn.game->downvotes;
    return turn_commit(&turn, &reply->base, err);
}

// The catalogue's card with the uses that it has in this game, whatever the catalogue says by now.
static Events__Role *role_of(struct turn *turn, const char *role_id)
{
    Events__Role *role =
        (Events__Role *)catalogue_find(turn->events->catalogue, EVENTS_ROLES, role_id, turn->call->arena);
    const struct role_facts *facts = game_role(turn->game, (unsigned)game_find_role(turn->game, role_id));
    if (role && facts) role->abilities = facts->abilities;
    return role;
}

static bool fill_card(struct turn *turn, int person, Events__MeReply *reply, struct err *err)
{
    const uint8_t *secret;
    struct arena *arena = turn->call->arena;
    if (!turn->game->dealt || !turn->game->people[person].card) return true;
    if (!turn_secret(turn, &secret, err)) return false;
    reply->proof = view_proof(turn->game, person, turn->game->opened ? turn->game->secret : secret, arena);
    if (!filled(reply->proof, err)) return false;
    reply->role = role_of(turn, reply->player->role_id);
    reply->side =
        (Events__Side *)catalogue_find(turn->events->catalogue, EVENTS_SIDES, reply->player->side_id, arena);
    return true;
}

// Private: whoever has no seat learns no more than that there is nothing for him.
HANDLER(get_my_player, Events__EventRequest, Events__MeReply)
{
    AUTO_TURN struct turn turn = {.call = call};
    if (!turn_begin(&turn, request->event_id, AS_USER, err)) return false;
    int person = game_player(turn.game, call->caller->user_id);
    if (person == GAME_NO_ONE)
        return err_fail(err, NOT_FOUND, "there is no such event, or you have no seat in it");
    reply->player = view_player(turn.game, &turn.viewer, person, call->arena);
    return filled(reply->player, err) && fill_card(&turn, person, reply, err) &&
           (view_notes(turn.game, &turn.viewer, reply, call->arena) || filled(NULL, err));
}

const struct rpc_method seat_methods[] = {
    RPC_METHOD("events.Reserve", reserve),
    RPC_METHOD("events.CancelReservation", cancel_reservation),
    RPC_METHOD("events.VoteEvent", vote_event),
    RPC_METHOD("events.GetMyPlayer", get_my_player),
    RPC_MORE(game_methods),
};
