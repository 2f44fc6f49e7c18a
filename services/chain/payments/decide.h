// Decides what follows when something happens to a payment: the outcome of the table, what beyond the table
// refuses it or puts it off, and the change that it makes. A decision reads only; its change is data, which
// can be stored and applied later, by a program with another table too.
#ifndef CHAIN_PAYMENTS_DECIDE_H
#define CHAIN_PAYMENTS_DECIDE_H

#include "services/chain/payments/outcome.h"

struct refund_terms;

// Only the fields that the happening asks for are read.
struct happening {
    enum happens what;
    // BYTES_GIVEN: from what was permitted, or a signature is wrong
    bool bytes_differ;
    // PAID: the payer is the user's; they have another place in the event, or one in its waitlist.
    bool by_linked_wallet, has_other;
    // PERMIT_ASKED, CREDIT_ASKED, TIME_OVER: the event is on the cluster, finalized; its node answers, and is
    // not behind; the account is a key of ours, of the event, or no wallet's.
    bool payable, node_healthy, account_forbidden;
    bool tickets_full; // PERMIT_ASKED, CREDIT_ASKED: the event has as many on the cluster as it can
    uint8_t refund;    // REFUND_FAILED: which one
    int64_t now_ms;
    struct receipt receipt;       // of money that came; PAY_ASKED: its id is the key
    int64_t funds, fee;           // PAY_ASKED: what the account has; CREDIT_ASKED: beside the price
    struct payment_permit permit; // PERMIT_ASKED, CREDIT_ASKED: what would be given; until permit_until_ms
    int64_t permit_left_ms;       // how long the one that lives may last
    const struct refund_terms *terms; // LEFT: the event's
    int64_t price, hold_ms;           // PROMOTED; PRICED: the price alone
    uint32_t attempt;                 // PROMOTED
    struct payment_key reference;     // the same
};

// What the caller does, with the change in one append.
enum follows {
    FOLLOWS_OPENED = 1,     // tell events that a hold began
    FOLLOWS_CONFIRMED = 2,  // ... that the seat is paid
    FOLLOWS_SETTLED = 4,    // ... and final
    FOLLOWS_HELD_AGAIN = 8, // ... that it is held again
    FOLLOWS_CLOSED = 16,    // ... that the place is free
    FOLLOWS_TO_FRONT = 32,  // ... that they go to the front of the waitlist
    FOLLOWS_TO_END = 64,    // ... to its end
    FOLLOWS_ENDING = 128,   // answer that the end waits for the permit
    FOLLOWS_DEBIT = 256,    // the account into the event's escrow
    FOLLOWS_REFUND = 512,   // change.refund: by the ledger in the same append, or a job of the outbox
    FOLLOWS_PERMIT = 1024,  // sign, once the change is stored
    FOLLOWS_SEND = 2048,    // store the bytes, then send them until confirmed or dead
    FOLLOWS_NOTE = 4096,    // an entry for the event's books
};

struct payment_change {
    struct payment_standing standing; // as it is afterwards
    bool forgets;                     // the receipt that is not settled
    bool settles;                     // it
    bool receives, refunds, moves_refund;
    uint8_t receipt_slot; // where the receipt goes
    uint8_t refund_slot;  // which one moves
    uint8_t refund_state; // enum refund_state: to where
    struct receipt receipt;
    struct refund refund;
};

struct verdict {
    enum happens what; // as it was classed
    enum outcome outcome;
    Conse__Reason__Value reason; // of a refusal
    uint32_t retry_after_s;      // of a refusal, or 0
    uint32_t follows;            // enum follows
    int64_t won;                 // credit, of who is paid as a winner: whoever decides knows the pot
    enum payment_end closed_by;  // with FOLLOWS_CLOSED
    struct payment_change change;
};

void payment_decide(const struct payment *payment, const struct happening *happening,
                    struct verdict *verdict);
// A change is decided on the payment as it is. It can't fail.
void payment_apply(struct payment *payment, const struct payment_change *change);

#endif
