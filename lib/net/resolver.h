// The system's resolver with a deadline. It blocks.
#ifndef LIB_NET_RESOLVER_H
#define LIB_NET_RESOLVER_H

#include "lib/net/outside.h"

// As outside_resolve. A question that is not answered in time goes on by itself; with 32 of these, others are
// refused with SERVICE_BUSY.
bool resolver_ask(void *arg, const char *host, int64_t until_ms, struct outside_addresses *addresses,
                  struct err *err);

#endif
