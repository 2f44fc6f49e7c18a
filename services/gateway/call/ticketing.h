// Tickets in place of tokens, for calls of clients that can't send a header. See feed/tickets.h.
#ifndef GATEWAY_CALL_TICKETING_H
#define GATEWAY_CALL_TICKETING_H

#include "lib/base/err.h"
#include "services/gateway/feed/desk.h"

struct call;

// MALFORMED beside a token.
MUST_CHECK bool ticketing_check(const struct call *call, const char *ticket, struct err *err);
// An order for the desk, to be filled and asked. The call waits for it, until it is left.
struct desk_order *ticketing_order(struct call *call,
                                   void (*done)(void *arg, const struct desk_order *order));
void ticketing_leave(struct call *call); // it is waited for no more
// From here on the caller is who the ticket speaks for. TOKEN_INVALID when their token has ended.
MUST_CHECK bool ticketing_take(struct call *call, const struct desk_order *order, struct err *err);

#endif
