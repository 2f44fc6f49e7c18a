// The methods of events.Events and of the service's Feed: events_methods has all of them, the other tables
// have them by subject.
#ifndef EVENTS_HANDLERS_HANDLERS_H
#define EVENTS_HANDLERS_HANDLERS_H

#include "services/events/live/command.h"

extern const struct rpc_method *const events_methods[];

extern const struct rpc_method catalogue_methods[], group_methods[], event_methods[], seat_methods[],
    game_methods[], poll_methods[], image_methods[], topic_methods[];

#endif
