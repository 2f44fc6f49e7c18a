// Who helps the god.
#include "services/events/handlers/handlers.h"
#include "services/events/names/names.h"

// By what auth has published of the user.
static bool find_user(struct command *command, const char *user_id, struct name_told *told, struct err *err)
{
    if (!names_get(command->events->names, user_id, told))
        return err_field(err, NOT_FOUND, "user_id", "there is no such user");
    return told->suspended_until_ms <= command->call->now_ms ||
           err_field(err, PERSON_SUSPENDED, "user_id", "this person is suspended");
}

HANDLER(add_assistant, Events__SeatRequest, Google__Protobuf__Empty)
{
    AUTO_COMMAND struct command command = {.call = call};
    struct name_told told;
    return command_begin(&command, err) && find_user(&command, request->user_id, &told, err) &&
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
