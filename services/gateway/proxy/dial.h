// Connects to one of an upstream's addresses, one after the other, without waiting. The loop's thread.
#ifndef GATEWAY_PROXY_DIAL_H
#define GATEWAY_PROXY_DIAL_H

#include <stdbool.h>

#include "lib/net/resolver.h"

struct dial {
    struct outside_addresses addresses;
    size_t next;
};

// A socket that does not block and is on its way to the next address; -1: there is none left. The caller
// closes it.
int dial_next(struct dial *dial);
// Once the socket can be written to, or has an error: whether it is connected.
bool dial_is_connected(int fd);

#endif
