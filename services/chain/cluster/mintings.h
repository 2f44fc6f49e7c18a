// Role cards that were sent to the cluster: whether they are there, or can't get there any more. Belongs to
// the thread that reads burns.
#ifndef CHAIN_CLUSTER_MINTINGS_H
#define CHAIN_CLUSTER_MINTINGS_H

#include "services/chain/book/call.h"
#include "services/chain/cluster/reading.h"

// What the cluster is known to have, finalized: what is read is not older than the slot, whose height this
// is.
struct mintings_look {
    struct chain *chain;
    struct solana_rpc *rpc; // finalized
    uint64_t slot, height;
};

// Between book_begin_own and book_commit: what the account says of the mint as it was when it was gathered.
void mintings_judge(struct book_call *b, const struct card_mint *mint, const struct solana_account *account,
                    uint64_t height);
// Blocks. CLUSTER_AWAY: the node does not answer.
MUST_CHECK bool mintings_look(const struct mintings_look *look, struct arena *arena, struct err *err);

#endif
