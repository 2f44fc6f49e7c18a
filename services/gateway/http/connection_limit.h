// How many connections there are, in all and per household (address.h). Connections beyond the limit are
// refused. Any thread.
#ifndef GATEWAY_HTTP_CONNECTION_LIMIT_H
#define GATEWAY_HTTP_CONNECTION_LIMIT_H

#include <stdint.h>

#include "lib/base/err.h"
#include "services/gateway/address/address.h"

struct connection_limit;

MUST_CHECK bool connection_limit_create(struct connection_limit **connection_limit, uint32_t most,
                                        uint32_t most_per_address, struct err *err);
void connection_limit_destroy(struct connection_limit *connection_limit); // NULL is fine

enum connection_room { CONNECTION_ROOM, CONNECTION_FULL, CONNECTION_FULL_FOR_ADDRESS };

// Whether there is room, without a promise for the next moment. address NULL: counted in all only.
enum connection_room connection_limit_check(struct connection_limit *connection_limit,
                                            const struct address *address);
// True when it was counted: connection_limit_leave with the same address must follow.
bool connection_limit_enter(struct connection_limit *connection_limit, const struct address *address);
void connection_limit_leave(struct connection_limit *connection_limit, const struct address *address);

#endif
