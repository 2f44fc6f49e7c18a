// The state of a payment in a word, and in a sentence for who pays.
#ifndef CHAIN_PAYMENTS_EXPLAIN_H
#define CHAIN_PAYMENTS_EXPLAIN_H

#include "services/chain/payments/payment.h"

enum payment_state {
    STATE_HELD,
    STATE_IN_FLIGHT, // a permit lives
    STATE_ENDING,    // and the hold, or the seat, is to end
    STATE_SETTLING,  // seated, not finalized
    STATE_SEATED,
    STATE_COMP,
    STATE_WAITING,
    STATE_WAITING_PAID,
    STATE_EXPIRED,
    STATE_LEFT,
    STATE_PLAYING,
    STATE_OUTSIDE,
    STATE_CALLED_OFF,
    STATE_DONE, // the pot waits for its payout
    STATE_PAID_OUT,
    STATE_REFUNDING, // in any of those behind a seat: money is on its way back
    STATE_REFUND_STUCK,
    STATE_REFUNDED,
    STATE_CREDITED,
    STATE_PAYING_OUT, // of who won: the pot is divided on the cluster
    STATE_PAYOUT_STUCK,
    STATES,
};

enum payment_state payment_state(const struct payment *payment);
const char *payment_state_name(enum payment_state state); // "HELD"
const char *payment_explain(enum payment_state state);

#endif
