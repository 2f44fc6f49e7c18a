// The methods of rooms, by subject, for the service's table.
#ifndef EVENTS_CHAT_HANDLERS_METHODS_H
#define EVENTS_CHAT_HANDLERS_METHODS_H

#include "lib/rpc/server.h"

extern const struct rpc_method room_methods[], message_methods[], follow_room_methods[], read_room_methods[],
    own_message_methods[];

#endif
