// The thread that ends blocks 250 ms after their first record, names the key that signs from now on,
// withdraws orders whose time to cancel has come, and takes snapshots.
#ifndef CHAIN_BOOK_KEEPER_H
#define CHAIN_BOOK_KEEPER_H

#include "services/chain/chain.h"

// Loads the ledger; begins it when there is none, notes that its store was restored or its key succeeded.
// Blocks.
MUST_CHECK bool keeper_begin(struct chain *chain, struct err *err);

MUST_CHECK bool keeper_start(struct keeper **keeper, struct chain *chain, struct err *err);
void keeper_stop(struct keeper *keeper); // NULL is fine
// One look, as the thread does; returns in how many milliseconds it wants the next.
int64_t keeper_look(struct keeper *keeper);

#endif
