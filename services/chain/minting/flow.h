// A role card goes to the cluster, and comes home: each adds an entry to a call's, which moves the card too.
#ifndef CHAIN_MINTING_FLOW_H
#define CHAIN_MINTING_FLOW_H

#include "services/chain/book/call.h"
#include "services/chain/minting/card.h"

struct minting_asked {
    uint32_t account; // that has the card, in no order
    uint32_t asset, card;
    struct solana_key mint;   // the address
    struct solana_key wallet; // that gets the token
    uint64_t last_valid_height;
};

// Of the card's next mint.
struct card_id minting_card_id(const struct book *book, const struct solana_key *authority, uint32_t asset,
                               uint32_t card);
// Nobody may be told the transaction before the entry is durable. False: it could not be added.
bool minting_begin(struct book_call *b, const struct minting_asked *asked);
// What became of it, as the cluster has it: THERE, DEAD.
void minting_move(struct book_call *b, const struct card_mint *mint, enum mint_state state);
// The card's next mint is there, though the account has the card: a ledger that was restored had forgotten
// it.
void minting_find(struct book_call *b, const struct minting_asked *found);
// Who had the token burned it.
void minting_burn(struct book_call *b, const struct card_mint *mint, const struct solana_key *owner);
// The card of one that was burned is this account's.
void minting_give_back(struct book_call *b, const struct card_mint *mint, uint32_t account);

#endif
