// Polls and ballots.
#include "services/events/handlers/handlers.h"

static bool fill_poll(struct turn *turn, const struct poll *poll, Events__PollReply *reply, struct err *err)
{
    if (!turn->moves.failed && poll)
        reply->poll = view_poll(turn->game, &turn->viewer, poll, turn->call->arena);
    return filled(reply->poll, err);
}

HANDLER(open_poll, Events__OpenPollRequest, Events__PollReply)
{
    AUTO_TURN struct turn turn = {.call = call};
    return turn_begin(&turn, request->event_id, AS_GOD, err) &&
           rules_open_poll(turn.game, &turn.moves, request, err) &&
           fill_poll(&turn, game_open_poll(turn.game), reply, err) && turn_commit(&turn, &reply->base, err);
}

HANDLER(get_poll, Events__PollRequest, Events__PollReply)
{
    AUTO_TURN struct turn turn = {.call = call};
    if (!turn_begin(&turn, request->event_id, AS_USER, err) || !turn_look(&turn, err)) return false;
    const struct poll *poll = game_poll(turn.game, request->poll_id);
    if (!poll) return err_fail(err, NOT_FOUND, "there is no such poll");
    return fill_poll(&turn, poll, reply, err);
}

HANDLER(cast_ballot, Events__BallotRequest, Google__Protobuf__Empty)
{
    AUTO_TURN struct turn turn = {.call = call};
    return turn_begin(&turn, request->event_id, AS_USER, err) &&
           rules_cast(turn.game, &turn.moves, request->poll_id, request->candidate_id, err) &&
           turn_commit(&turn, &reply->base, err);
}

HANDLER(close_poll, Events__PollRequest, Events__PollReply)
{
    AUTO_TURN struct turn turn = {.call = call};
    return turn_begin(&turn, request->event_id, AS_GOD, err) &&
           rules_close_poll(turn.game, &turn.moves, request->poll_id, err) &&
           fill_poll(&turn, game_poll(turn.game, request->poll_id), reply, err) &&
           turn_commit(&turn, &reply->base, err);
}

const struct rpc_method poll_methods[] = {
    RPC_METHOD("events.OpenPoll", open_poll),
    RPC_METHOD("events.GetPoll", get_poll),
    RPC_METHOD("events.CastBallot", cast_ballot),
    RPC_METHOD("events.ClosePoll", close_poll),
    RPC_MORE(image_methods),
};
