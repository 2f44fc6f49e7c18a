// Who writes the ledger, and when: each write that fails may have it loaded again.
#ifndef CHAIN_BOOK_LEAD_H
#define CHAIN_BOOK_LEAD_H

#include "services/chain/book/book.h"
#include "services/chain/chain.h"

enum { LEAD_SILENT_MS = 2000 };

// Whether this process does what the service has to do by itself: who wrote the newest entry, since the next
// one to write would meet it; after a while without one, who has the lease. The book was entered.
bool lead_is_ours(const struct book *book);
// Whether a call may be decided here, and not by who wrote the newest entry a moment ago. WRONG_PEER names
// that one, when the caller can ask it. The book was entered.
MUST_CHECK bool lead_may_decide(const struct book *book, struct live_need *need, struct err *err);
// STORE_FULL while the disk is full, but for one try every few seconds. Never blocks.
MUST_CHECK bool lead_may_write(struct chain *chain, struct err *err);

#endif
