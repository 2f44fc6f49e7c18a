// Who helps the god.
#include "services/events/handlers/handlers.h"
#include "services/events/handlers/named.h"

// By what auth has published of the user.
static bool find_assistant(struct command *command, const char *user_id, struct name_told *told,
                           struct err *err)
{
    if (!names_get(command->events->names, user_id, told))
        return err_field(err, NOT_FOUND, "user_id", "there is no such user");
    return named_check_open(told, command->call->now_ms, "user_id", err);
}

HANDLER(add_assistant, Events__SeatRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    struct name_told told = {.username = ""};
    if (!command_begin(&command, err)) return false;
    // Who plays is refused by the rules, whose id may be a guest's that auth does not know.
    bool plays = game_takes_part(command.game, game_person(command.game, request->user_id));
    return (plays || find_assistant(&command, request->user_id, &told, err)) &&
           rules_add_assistant(command.game, &command.entries, request->user_id, told.username, err) &&
           command_commit(&command, &reply->base, err);
}

HANDLER(remove_assistant, Events__SeatRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) &&
           rules_remove_assistant(command.game, &command.entries, request->user_id, err) &&
           command_commit(&command, &reply->base, err);
}

const struct rpc_method assistant_methods[] = {
    RPC_METHOD("events.AddAssistant", add_assistant),
    RPC_METHOD("events.RemoveAssistant", remove_assistant),
    {0},
};
