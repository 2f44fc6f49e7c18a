// A role card goes to the cluster, and comes home: each adds an entry to a call's, which moves the card too.
#ifndef CHAIN_MINTING_FLOW_H
#define CHAIN_MINTING_FLOW_H

#include "services/chain/book/call.h"
#include "services/chain/solana/key.h"

struct minting_asked {
    uint32_t account; // that has the card, in no order
    uint32_t asset, card;
    struct solana_key mint;   // the address
    struct solana_key wallet; // that gets the token
    uint64_t last_valid_height;
};

// Nobody may be told the transaction before the entry is durable. False: it could not be added.
bool minting_begin(struct book_call *b, const struct minting_asked *asked);
// What became of it, as the cluster has it: THERE, DEAD.
void minting_move(struct book_call *b, const struct card_mint *mint, enum mint_state state);
// Who had the token burned it.
void minting_burn(struct book_call *b, const struct card_mint *mint, const struct solana_key *owner);
// The card of one that was burned is this account's.
void minting_give_back(struct book_call *b, const struct card_mint *mint, uint32_t account);

#endif
