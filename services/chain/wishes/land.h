// What a step of a wish makes of the ledger. Between book_begin and book_commit.
#ifndef CHAIN_WISHES_LAND_H
#define CHAIN_WISHES_LAND_H

#include "services/chain/book/call.h"
#include "services/chain/wishes/compose.h"

// It is so, it is dead, nobody wants it any more, or it is stuck.
void land_step(struct book_call *b, const struct wish *wish, const struct sight *sight,
               const struct cluster_now *now, enum step step);
// Its bytes are stored, to be sent afterwards. False: it is no longer wanted just so, or is on its way
// already.
bool land_composed(struct book_call *b, const struct wish *wish, const struct composed *composed,
                   const struct cluster_now *now);

#endif
