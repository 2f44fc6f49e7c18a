// What one entry of events.money does to the ledger. Private to the room.
#ifndef CHAIN_SEATS_APPLY_H
#define CHAIN_SEATS_APPLY_H

#include "services/chain/seats/seats.h"

// Whether the end of a game is taken back by it, and so the game's cards.
bool seats_takes_back(const struct book *book, const Money__FromEvents *told);
// Whether holds end by it that a ticket may have paid for: events locks when there are none, so one of the
// two was restored.
bool seats_ends_holds(const struct book *book, const Money__FromEvents *told);
// Adds the entries that follow, if any. What makes no sense is logged and does nothing: the stream goes on.
// Applied again, it does nothing.
void seats_apply(struct book_call *b, const Money__FromEvents *told);

#endif
