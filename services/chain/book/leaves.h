// The leaves of a sealed block, made of its entries again.
#ifndef CHAIN_BOOK_LEAVES_H
#define CHAIN_BOOK_LEAVES_H

#include "services/chain/book/call.h"

// For a call, or for the service's own work (call NULL). Enters the ledger for some entries at a time, so
// that its lock is not held for a whole block. In the arena.
MUST_CHECK bool book_leaves(struct rpc_call *call, struct chain *chain, struct arena *arena,
                            const Ledger__BlockRow *row, struct merkle_hash **leaves, struct err *err);

#endif
