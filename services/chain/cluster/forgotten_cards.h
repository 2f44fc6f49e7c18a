// Role cards that are on the cluster and that the ledger has with somebody, because it was restored: where a
// card's next mint would be, there is one. Belongs to the thread that reads burns.
#ifndef CHAIN_CLUSTER_FORGOTTEN_CARDS_H
#define CHAIN_CLUSTER_FORGOTTEN_CARDS_H

#include "services/chain/cluster/mintings.h"

// How far all cards have been looked for, in this process; zeros before.
struct forgotten_cards {
    uint32_t asset, card; // the next one
    uint32_t rounds;      // that are over
    uint64_t again;       // the height above which nothing that was forgotten may still land
};

// Between book_begin_own and book_commit: the mint of the card's next number is there, for somebody. The card
// goes to the fund, out of an order too.
void forgotten_card_take(struct book_call *b, uint32_t asset, uint32_t card, const struct solana_key *mint);
// Before the others: whether all were looked for since the store was restored.
MUST_CHECK bool forgotten_cards_open(struct cluster *cluster, struct err *err);
// Some of them; each process looks for itself. Blocks. CLUSTER_AWAY: the node does not answer.
MUST_CHECK bool forgotten_cards_look(const struct mintings_look *look, struct forgotten_cards *forgotten,
                                     struct arena *arena, struct err *err);

#endif
