// The methods of presence, for the service's table.
#ifndef EVENTS_PRESENCE_METHODS_H
#define EVENTS_PRESENCE_METHODS_H

#include "lib/rpc/server.h"

extern const struct rpc_method presence_methods[];

#endif
