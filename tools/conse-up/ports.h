// Port 0 in a setting means any free port. It is chosen once, here, so that a service that dies comes back at
// the same port and all programs are told the same address.
#ifndef CONSE_UP_PORTS_H
#define CONSE_UP_PORTS_H

#include "lib/base/err.h"

enum { PORTS_ADDRESS = 256 };

// Copies the address. Port 0 becomes a free port, from which other programs are kept while this one lives.
// Services bind it with SO_REUSEADDR.
MUST_CHECK bool port_take(const char *wanted, char out[PORTS_ADDRESS], struct err *err);
// The same of two ports, the second behind the first: a free pair.
MUST_CHECK bool port_take_pair(const char *wanted, char out[PORTS_ADDRESS], struct err *err);

#endif
