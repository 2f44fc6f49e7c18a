// A ticket of the queue as its owner sees it.
#ifndef AI_HANDLERS_QUEUE_SHOWN_H
#define AI_HANDLERS_QUEUE_SHOWN_H

#include "ai.pb-c.h"
#include "lib/rpc/server.h"
#include "services/ai/pool/rows.h"

// An offer that a ticket carries and its owner may know of; NULL: none.
MUST_CHECK bool queue_find_offer(struct rpc_call *call, const Queue__TicketRow *row,
                                 const Queue__OfferRow **offer, struct err *err);
MUST_CHECK bool queue_show(struct rpc_call *call, const Queue__TicketRow *row, const Queue__OfferRow *offer,
                           Ai__QueueTicket *reply, struct err *err);

#endif
