// What a change of a payment does to credit in LAMPORTS. Credit that pays for a ticket lies aside while the
// ticket may come to be, is no more once it is final, since the authority's wallet has paid it then, and is
// issued again when the ticket's money is back there. So what exists as credit is what that wallet has to
// have. What lies aside beyond the price is a fee, for the transactions that the wallet pays: it is spent
// with the ticket, and comes back with the permit's end alone.
#ifndef CHAIN_PAYMENTS_CREDIT_H
#define CHAIN_PAYMENTS_CREDIT_H

#include "services/chain/payments/payment.h"

struct credit_moves {
    int64_t account; // what it gets; below zero: gives
    int64_t aside;   // what lies aside more
    int64_t issued;  // the sum of both
};
// won: what it has of the pot, by this change.
struct credit_moves credit_moves(const struct payment *before, const struct payment *after, int64_t won);

#endif
