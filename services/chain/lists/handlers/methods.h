// The methods of chain.Whitelists, by subject, for the service's table.
#ifndef CHAIN_LISTS_HANDLERS_METHODS_H
#define CHAIN_LISTS_HANDLERS_METHODS_H

#include "lib/rpc/server.h"

extern const struct rpc_method list_reading_methods[], list_adding_methods[], list_burning_methods[];

#endif
