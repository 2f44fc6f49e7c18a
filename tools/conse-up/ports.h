// Port 0 in a setting means any free port. It is chosen once, here, so that a service that dies comes back at
// the same port and all programs are told the same address.
#ifndef CONSE_UP_PORTS_H
#define CONSE_UP_PORTS_H

#include "lib/base/err.h"

// When the address in the variable (or the fallback) has port 0: takes a free port, keeps other programs from
// it while this one lives, and puts the real address into the environment. Services bind it with
// SO_REUSEADDR.
MUST_CHECK bool port_settle(const char *variable, const char *fallback, struct err *err);

#endif
