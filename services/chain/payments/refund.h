// A refund on its way: due, sent, done. A ticket is given back by a transaction whose bytes are stored before
// they are sent; what counts is that the ticket is gone at finalized, so none is given back twice. A refund
// by the ledger is done at once.
#ifndef CHAIN_PAYMENTS_REFUND_H
#define CHAIN_PAYMENTS_REFUND_H

#include "services/chain/payments/decide.h"

enum { REFUND_STUCK_MS = 7 * 24 * 60 * 60 * 1000 };

enum refund_moves {
    REFUND_SEND,   // its bytes are stored and sent; the same again while they are valid
    REFUND_FAIL,   // they are dead, or failed: new bytes for the same refund
    REFUND_FINISH, // the ticket is gone at finalized, and it was not paid out
    REFUND_STICK,  // it is not done after seven days
    REFUND_CREDIT, // nobody can take a stuck one out of its ticket any more: it is credit in LAMPORTS
};

// The change, or false when the refund is not where this can happen.
bool refund_move(const struct payment *payment, uint8_t slot, enum refund_moves move, int64_t now_ms,
                 struct payment_change *change);

#endif
