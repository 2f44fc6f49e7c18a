// "host:port" of a setting. Private to the room.
#ifndef CHAIN_NODE_PLACE_H
#define CHAIN_NODE_PLACE_H

#include <netdb.h>

#include "lib/base/err.h"

// To listen at, or to call: the first that the name stands for. NULL: err says why. Blocks; freeaddrinfo.
struct addrinfo *place_read(const char *text, bool listens, struct err *err);

#endif
