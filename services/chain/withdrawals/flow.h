// What happens to withdrawals, as entries with what they move. Called between book_begin and book_commit.
#ifndef CHAIN_WITHDRAWALS_FLOW_H
#define CHAIN_WITHDRAWALS_FLOW_H

#include "services/chain/book/call.h"
#include "services/chain/withdrawals/withdrawals.h"

struct withdrawal_asked {
    uint32_t account; // that has no withdrawal open, and the amount
    int64_t amount;
    struct payment_key wallet;
};
// NULL: it could not be added, and nothing will be committed.
const struct withdrawal *withdrawal_ask(struct book_call *b, const struct withdrawal_asked *asked);

// Goes on with an open one; nothing of one that is so already. signature: of the transaction that landed, or
// NULL.
void withdrawal_move(struct book_call *b, const struct withdrawal *open, enum withdrawal_state state,
                     const uint8_t signature[WITHDRAWAL_SIGNATURE_BYTES]);

// One that landed and that the ledger does not know, because it was restored. Takes of the account what it
// still has of it; the rest is owed.
void withdrawal_find_again(struct book_call *b, const struct withdrawal *found,
                           const uint8_t signature[WITHDRAWAL_SIGNATURE_BYTES]);

// Takes of what an account has been given what it owes. Behind each entry that gives credit, in the same
// append, so nobody has spent it.
void withdrawal_take_owed(struct book_call *b, uint32_t account);

#endif
