// The log of an event, as its reader may see it.
#include "services/events/handlers/handlers.h"
#include "services/events/topics/event_log.h"

HANDLER(read_log, Events__LogRequest, Events__LogReply)
{
    AUTO_COMMAND struct command command = {.call = call};
    return command_begin(&command, err) && command_look(&command, err) &&
           event_log_read(&command, request, reply, err);
}

const struct rpc_method log_methods[] = {
    RPC_METHOD("events.ReadLog", read_log),
    {0},
};
