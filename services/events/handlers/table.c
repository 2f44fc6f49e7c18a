// What happens at the table beside the game: fouls.
#include "services/events/handlers/handlers.h"

HANDLER(foul_player, Events__SeatRequest, Events__FoulReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err) || !rules_foul(command.game, &command.entries, request->user_id, err))
        return false;
    reply->fouls = command.game->people[game_player(command.game, request->user_id)].fouls;
    return command_commit(&command, &reply->base, err);
}

const struct rpc_method table_methods[] = {
    RPC_METHOD("events.FoulPlayer", foul_player),
    {0},
};
