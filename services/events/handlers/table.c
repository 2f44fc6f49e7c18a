// What happens at the table beside the game: fouls, the clock of who speaks, whether all are ready.
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

HANDLER(ask_ready, Events__ReadyCheckRequest, Events__ReadyCheckReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    if (!command_begin(&command, err) ||
        !rules_ask_ready(command.game, &command.entries, request->seconds, err))
        return false;
    reply->ready_check = command.entries.failed ? NULL : view_ready_check(command.game, call->arena);
    return filled(reply->ready_check, err) && command_commit(&command, &reply->base, err);
}

// Who has an account says it themselves, by either of their ids.
static bool may_say_for(const struct command *command, const char *user_id, struct err *err)
{
    const struct game *game = command->game;
    int person = game_person(game, user_id);
    if (person != GAME_NO_ONE && person == game_person(game, command->call->caller->user_id)) return true;
    if (!command->viewer.god)
        return err_field(err, NOT_OWNER, "user_id", "who leads the event speaks for guests");
    return person == GAME_NO_ONE || !*person_account(&game->people[person]) ||
           err_field(err, INVALID_FIELD, "user_id", "this player has an account and says it themselves");
}

HANDLER(say_ready, Events__ReadyRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    const char *user_id = request->user_id[0] ? request->user_id : call->caller->user_id;
    return command_begin(&command, err) && (!request->user_id[0] || may_say_for(&command, user_id, err)) &&
           rules_say_ready(command.game, &command.entries, user_id, err) &&
           command_commit(&command, &reply->base, err);
}

const struct rpc_method table_methods[] = {
    RPC_METHOD("events.FoulPlayer", foul_player),
    RPC_METHOD("events.SetClock", set_clock),
    RPC_METHOD("events.AskReady", ask_ready),
    RPC_METHOD("events.SayReady", say_ready),
    {0},
};
