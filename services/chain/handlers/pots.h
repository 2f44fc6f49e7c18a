// The pots of events. Private to the room.
#ifndef CHAIN_HANDLERS_POTS_H
#define CHAIN_HANDLERS_POTS_H

#include "services/chain/handlers/paid.h"

// Enters the ledger and finds the event whose pot it is. NULL: NOT_FOUND, or POT_DIVIDED when it is over.
struct till_event *pots_begin(struct book_call *b, const char *event_id, struct err *err);
// How the pot would be divided now, among `supposed` winners unless it is known who won.
MUST_CHECK bool pots_fill(const struct book_call *b, const struct till_event *event, uint32_t supposed,
                          Chain__Payout *shown, struct err *err);

#endif
