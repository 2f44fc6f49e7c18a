// Tickets that a restored ledger does not know of, and that are gone with the pot of their event, or with the
// event: what paid for a hold meanwhile, and whether what lies aside for one was spent.
#ifndef CHAIN_CLUSTER_GONE_H
#define CHAIN_CLUSTER_GONE_H

#include "services/chain/cluster/ended.h"
#include "services/chain/cluster/readback.h"

// Between book_begin_own and book_commit: what history has of the ticket happens to its payment, which is
// held. height: of a finalized block of which the state is that lacks the ticket.
void gone_take(struct book_call *b, const struct watched *watched, const struct ticket_story *story,
               uint64_t height);

// Reads and stores all of it. Blocks.
MUST_CHECK bool gone_read(const struct readback *readback, struct arena *arena, struct err *err);

#endif
