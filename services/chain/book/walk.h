// The way back through what moved an account: each entry names the one before. Reads the store, and needs no
// lock.
#ifndef CHAIN_BOOK_WALK_H
#define CHAIN_BOOK_WALK_H

#include "services/chain/book/book.h"
#include "services/chain/chain.h"

// One entry, in the arena. NULL with an empty err: there is none of that number, or the arena is full.
const Ledger__Entry *walk_read(struct chain *chain, uint64_t number, struct arena *arena, struct err *err);
// Whether the state knows the entry of that number, and it is whole. It was checked before it was folded in,
// but is read again: from a store that may be ahead of the state, and in which something may have been
// spoilt.
bool walk_check(const struct book *book, const Ledger__Entry *entry, uint64_t number);
// The entry before this one that moved the account, 0 when it is the first. False: this one does not move it.
bool walk_before(const Ledger__Entry *entry, uint32_t account, uint64_t *before);
// The entry of what was written beside this one; 0: nothing was.
uint64_t walk_memo(const Ledger__Entry *entry);

#endif
