// What happens at the table beside the game: fouls, the clock of who speaks.
#include "services/events/handlers/handlers.h"

HANDLER(foul_player, Events__SeatRequest, Events__FoulReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err) || !rules_foul(command.game, &command.entries, request->user_id, err))
        return false;
    reply->fouls = command.game->people[game_player(command.game, request->user_id)].fouls;
    return command_commit(&command, &reply->base, err);
}

HANDLER(set_clock, Events__ClockRequest, Events__ClockReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err) || !rules_set_clock(command.game, &command.entries, request, err))
        return false;
    bool stopped = command.entries.failed || !request->seconds;
    reply->clock = stopped ? NULL : view_clock(command.game, call->arena);
    return (stopped || filled(reply->clock, err)) && command_commit(&command, &reply->base, err);
}

const struct rpc_method table_methods[] = {
    RPC_METHOD("events.FoulPlayer", foul_player),
    RPC_METHOD("events.SetClock", set_clock),
    {0},
};
