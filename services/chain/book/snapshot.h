// The ledger as it is, in parts that are rows, so that loading does not start at the first entry. A snapshot
// of another form, or that is not whole, is ignored.
#ifndef CHAIN_BOOK_SNAPSHOT_H
#define CHAIN_BOOK_SNAPSHOT_H

#include "services/chain/book/book.h"
#include "services/chain/chain.h"

// A copy of the state, made under the lock.
struct book_snapshot {
    uint64_t seq;
    uint64_t ticket; // of the newest entries in it
    uint8_t *bytes;  // owned
    size_t size;
};

// False without memory.
bool book_snapshot_take(const struct book *book, struct book_snapshot *snapshot);
void book_snapshot_drop(struct book_snapshot *snapshot);
// Stores it, unless its entries are not: then nothing is left of it but parts, which are removed later.
// Blocks.
MUST_CHECK bool book_snapshot_store(struct chain *chain, const struct book_snapshot *snapshot,
                                    struct err *err);
// Removes parts of snapshots that nobody reads any more.
MUST_CHECK bool book_snapshot_sweep(struct chain *chain, int64_t now_ms, struct err *err);
// Into a book fresh from book_init, which stays so when there is no usable snapshot.
MUST_CHECK bool book_snapshot_load(struct book *book, struct chain *chain, struct err *err);

#endif
