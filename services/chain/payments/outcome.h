// The outcome table: what follows when something happens to a payment, by the place that its user has in the
// event. It is data, one row for each happening. decide.h applies it.
#ifndef CHAIN_PAYMENTS_OUTCOME_H
#define CHAIN_PAYMENTS_OUTCOME_H

#include "lib/base/reason.h"
#include "services/chain/payments/payment.h"

enum happens {
    // Money came. A ticket counts from confirmed when it seats somebody, else from finalized.
    HAPPENS_PAID, // the exact price, in time
    HAPPENS_PAID_LATE,
    HAPPENS_PAID_SHORT,
    HAPPENS_TOPPED_UP, // what completes a short one
    HAPPENS_PAID_OVER,
    HAPPENS_PAID_AGAIN,     // a second one for the same hold
    HAPPENS_PAID_FOREIGN,   // another currency, or what a stranger sent
    HAPPENS_JUNK,           // a transaction that failed, or pays us nothing
    HAPPENS_PAID_BY_OTHER,  // exact and in time, by another wallet than the linked one
    HAPPENS_PAID_ELSEWHERE, // it names another hold
    // Of the cluster.
    HAPPENS_PROCESSED_GONE, // seen processed, then no more
    HAPPENS_FORKED,         // seen confirmed, then no more
    HAPPENS_FINALIZED,      // what was confirmed
    HAPPENS_PERMIT_DEAD, // a finalized block is above its last valid height, without the ticket in that state
    HAPPENS_ESCAPED,     // the holder took the money out of the program by themselves, after escape_at
    HAPPENS_REFUND_FAILED, // or is not known to have landed
    // The clock.
    HAPPENS_TIME_OVER,       // of the hold
    HAPPENS_TIME_OVER_BLIND, // and the node is away or behind
    HAPPENS_WAIT_OVER,       // of a paid place in the waitlist
    // Calls.
    HAPPENS_PAY_ASKED,    // from the ledger's account, from whatever screen
    HAPPENS_PAY_REPEATED, // with the key that paid
    HAPPENS_FUNDS_SHORT,
    HAPPENS_PERMIT_ASKED,
    HAPPENS_CREDIT_ASKED, // PAY_ASKED in LAMPORTS: the account's credit pays for the ticket
    HAPPENS_BYTES_GIVEN,  // the signed transaction, to be sent
    HAPPENS_GIVEN_UP,     // DELETE of the payment
    HAPPENS_REFUND_ASKED, // by the god
    // Of the event.
    HAPPENS_LEFT,          // by the user, before the lock
    HAPPENS_REMOVED,       // by the god, before the lock
    HAPPENS_PROMOTED,      // a place frees, and they are the first of the waitlist; or it is given anew
    HAPPENS_PLACE_REFUSED, // there is none for what was paid when the hold was over
    HAPPENS_PRICED,        // anew
    HAPPENS_PRICED_ON_CHAIN,
    HAPPENS_HOLDS_ENDED, // by the god, who wants to lock
    HAPPENS_LOCKED,
    HAPPENS_UNLOCKED,
    HAPPENS_KICKED, // in play, or they left the game
    HAPPENS_KICKED_REFUNDED,
    HAPPENS_CALLED_OFF, // cancelled or expired before it was done
    HAPPENS_DONE,
    HAPPENS_UNDONE, // a dev takes the end back before the payout: everybody gets their money
    HAPPENS_PAID_OUT,
    HAPPENINGS,
};

enum outcome {
    OUTCOME_IMPOSSIBLE, // nothing changes, and who asked has a fault
    OUTCOME_REFUSED,    // with a reason; nothing changes
    OUTCOME_KEEP,       // nothing changes
    OUTCOME_JUNK,       // recorded, counts nowhere
    OUTCOME_NOTE,       // the same, of money: it goes to the pool
    OUTCOME_SEAT,
    OUTCOME_SEAT_PAID,     // by what a place in the waitlist kept
    OUTCOME_WAIT_PAID,     // events gives a place, a paid one in the waitlist, or none
    OUTCOME_GIVE_BACK,     // what came
    OUTCOME_HOLD,          // one begins
    OUTCOME_HOLD_AGAIN,    // the seat goes back to its hold
    OUTCOME_GIVE_ALL_BACK, // the place stays as it is
    OUTCOME_EXPIRE,        // promoted for the first time: to the end of the waitlist
    OUTCOME_END,           // the same, by the god
    OUTCOME_LEAVE,
    OUTCOME_LEAVE_BY_TERMS, // with what the event's terms give back
    OUTCOME_REMOVE,
    OUTCOME_CALL_OFF,
    OUTCOME_ESCAPE, // they have their money already
    OUTCOME_ENDING, // one of these, as soon as the permit is dead or its payment final
    OUTCOME_SETTLE,
    OUTCOME_PERMIT,
    OUTCOME_PERMIT_OVER,
    OUTCOME_SEND,
    OUTCOME_REFUND_AGAIN,
    OUTCOME_REPRICE,
    OUTCOME_PAY_OUT,
    OUTCOMES,
};

struct outcome_cell {
    uint8_t outcome; // enum outcome
    int16_t reason;  // of a refusal
};

enum { STAGE_STAYS = -1 };

struct outcome_row {
    int8_t stage; // enum payment_stage afterwards, or STAGE_STAYS
    struct outcome_cell cells[PLACES];
};

const struct outcome_row *outcome_row(enum happens what);

const char *happens_name(enum happens what);    // "PAID" for HAPPENS_PAID
const char *outcome_name(enum outcome outcome); // "SEAT" for OUTCOME_SEAT

#endif
