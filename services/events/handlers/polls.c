// Polls and ballots.
#include "lib/base/stamp.h"
#include "services/events/handlers/handlers.h"
#include "services/events/handlers/pages.h"
#include "services/events/topics/places.h"

static bool fill_poll(struct command *command, const struct poll *poll, Events__PollReply *reply,
                      struct err *err)
{
    if (!command->entries.failed && poll)
        reply->poll = view_poll(command->game, &command->viewer, poll, command->call->arena);
    return filled(reply->poll, err);
}

HANDLER(open_poll, Events__OpenPollRequest, Events__PollReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) && rules_open_poll(command.game, &command.entries, request, err) &&
           fill_poll(&command, game_open_poll(command.game), reply, err) &&
           command_commit(&command, &reply->base, err);
}

HANDLER(get_poll, Events__PollRequest, Events__PollReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err) || !command_look(&command, err)) return false;
    place_tell(&command);
    const struct poll *poll = game_poll(command.game, request->poll_id);
    if (!poll) return err_fail(err, NOT_FOUND, "there is no such poll");
    return fill_poll(&command, poll, reply, err);
}

HANDLER(list_polls, Events__ListPollsRequest, Events__ListPollsReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    struct view_page page;
    if (!command_begin(&command, err) || !command_look(&command, err) ||
        !page_choose(&page, request->page_size, request->page_token, command.game->polls_count, err))
        return false;
    place_tell(&command);
    bool ok = view_polls(command.game, &command.viewer, &page, reply, call->arena);
    return ok ? page_token(&page, &reply->next_page_token, call->arena, err) : filled(NULL, err);
}

HANDLER(cast_ballot, Events__BallotRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_cast(command.game, &command.entries, request->poll_id, request->candidate_id, err) &&
           command_commit(&command, &reply->base, err);
}

HANDLER(update_poll, Events__UpdatePollRequest, Events__PollReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_extend_poll(command.game, &command.entries, request->poll_id, duration_ms(request->extend),
                             err) &&
           fill_poll(&command, game_poll(command.game, request->poll_id), reply, err) &&
           command_commit(&command, &reply->base, err);
}

HANDLER(close_poll, Events__PollRequest, Events__PollReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_close_poll(command.game, &command.entries, request->poll_id, err) &&
           fill_poll(&command, game_poll(command.game, request->poll_id), reply, err) &&
           command_commit(&command, &reply->base, err);
}

const struct rpc_method poll_methods[] = {
    RPC_METHOD("events.OpenPoll", open_poll),
    RPC_METHOD("events.GetPoll", get_poll),
    RPC_METHOD("events.ListPolls", list_polls),
    RPC_METHOD("events.UpdatePoll", update_poll),
    RPC_METHOD("events.CastBallot", cast_ballot),
    RPC_METHOD("events.ClosePoll", close_poll),
    {0},
};
