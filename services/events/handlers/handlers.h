// The methods of events.Events and of the service's Feed, by subject. events_methods begins with the
// catalogue and goes on.
#ifndef EVENTS_HANDLERS_HANDLERS_H
#define EVENTS_HANDLERS_HANDLERS_H

#include "services/events/live/command.h"

extern const struct rpc_method events_methods[], group_methods[], event_methods[], seat_methods[],
    game_methods[], poll_methods[], image_methods[], topic_methods[];

#endif
