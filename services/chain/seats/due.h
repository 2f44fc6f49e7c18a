// The thread that ends holds when their time is over, and divides pots when the time for disputes has passed.
// Of several processes one does it.
#ifndef CHAIN_SEATS_DUE_H
#define CHAIN_SEATS_DUE_H

#include "services/chain/chain.h"

struct seats_due;

MUST_CHECK bool seats_due_start(struct seats_due **due, struct chain *chain, struct err *err);
void seats_due_stop(struct seats_due *due); // NULL is fine
// Does what is due at this time, and *more when something is left; blocks until it is durable.
MUST_CHECK bool seats_do_due(struct chain *chain, int64_t now_ms, bool *more, struct err *err);

#endif
