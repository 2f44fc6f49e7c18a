// The listening socket of an address such as "127.0.0.1:7438" or "[::]:0".
#ifndef GATEWAY_HTTP_LISTEN_H
#define GATEWAY_HTTP_LISTEN_H

#include <netinet/in.h>

#include "lib/base/err.h"

enum { LISTEN_ADDRESS_SIZE = INET6_ADDRSTRLEN + 8 };

enum listen_mode {
    LISTEN_ALONE,
    LISTEN_FIRST,   // of several sockets of this process; refused when another process has the address
    LISTEN_FURTHER, // shares the address of the first one; the kernel spreads connections over them
};

// bound gets the address with the real port.
MUST_CHECK bool listen_open(int *fd, const char *address, enum listen_mode mode,
                            char bound[LISTEN_ADDRESS_SIZE], struct err *err);

#endif
