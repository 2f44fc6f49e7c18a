// Role cards that come home from the cluster: which tokens were burned for the list of cards, and whose the
// cards are then. Belongs to the thread that reads burns.
#ifndef CHAIN_CLUSTER_HOMECOMING_H
#define CHAIN_CLUSTER_HOMECOMING_H

#include "services/chain/cluster/mintings.h"

// What there was when all burns had been read; zeros before.
struct homecoming_seen {
    uint64_t burned;       // on the cluster, for the list
    uint32_t there, known; // mints that are there; that were burned, as the ledger has it
};

// Between book_begin_own and book_commit. The record is of a list that is not the cards', or of a mint that
// no card has: then it says nothing.
void homecoming_enter(struct book_call *b, const struct solana_burned *burned);
// Cards of mints that were burned go to who has the wallet, if anybody, as auth was heard.
void homecoming_give(struct book_call *b);
// Does both with what the node says. Blocks. CLUSTER_AWAY: it does not answer.
MUST_CHECK bool homecoming_look(const struct mintings_look *look, struct homecoming_seen *seen,
                                struct arena *arena, struct err *err);

#endif
