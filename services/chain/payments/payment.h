// The payment of one hold: what a seat of an event costs, what came for it, what of that the place keeps, and
// what goes back. Plain values that can be copied; what may happen to them is in outcome.h. All of this room
// is pure: time is an argument, and nothing is stored or sent. docs/payments.md explains it.
#ifndef CHAIN_PAYMENTS_PAYMENT_H
#define CHAIN_PAYMENTS_PAYMENT_H

#include <stdbool.h>

#include "lib/base/ids.h"

enum { PAYMENT_KEY_BYTES = 32, PAYMENT_RECEIPTS_MAX = 4, PAYMENT_JUNK_KEPT = 2, PAYMENT_REFUNDS_MAX = 6 };

// An address of the cluster, or the reference that names a ticket.
struct payment_key {
    uint8_t bytes[PAYMENT_KEY_BYTES];
};

enum payment_currency { PAYMENT_CONSE, PAYMENT_LAMPORTS };

// The user's, in the event.
enum payment_seat {
    PAYMENT_WAITING, // in the waitlist, without a hold
    PAYMENT_HELD,
    PAYMENT_TAKEN,   // paid, or given by the god
    PAYMENT_EXPIRED, // the hold ended unpaid
    PAYMENT_LEFT,
};

// The event's.
enum payment_stage {
    PAYMENT_OPEN,
    PAYMENT_LOCKED,     // or revealed, or running
    PAYMENT_DONE,       // its pot waits for the payout, or is paid
    PAYMENT_CALLED_OFF, // cancelled, or expired
};

// Who ends a hold or a seat. An end waits while a permit lives, and a later one takes an earlier one's place
// when it stands below it here.
enum payment_end {
    PAYMENT_BY_NOBODY,
    PAYMENT_BY_TIME,
    PAYMENT_BY_LOCK, // the god ends all holds
    PAYMENT_BY_OWNER,
    PAYMENT_BY_GOD,
    PAYMENT_BY_EVENT, // called off
};

enum payment_flag {
    PAYMENT_LATE = 1,
    PAYMENT_OVER = 2,
    PAYMENT_SHORT = 4,
    PAYMENT_DUPLICATE = 8,
    PAYMENT_FOREIGN = 16, // another currency, or a stranger's
};

// The columns of the outcome table: seat and stage together.
enum payment_place {
    PLACE_HELD,    // H
    PLACE_SEATED,  // S
    PLACE_WAITING, // W
    PLACE_EXPIRED, // X
    PLACE_LEFT,    // L
    PLACE_PLAYING, // K: seated, the event is locked
    PLACE_OUTSIDE, // G: the event is locked without them
    PLACE_OVER,    // O
    PLACES,
};

enum receipt_way {
    RECEIPT_LEDGER, // debited from an account of the ledger
    RECEIPT_TICKET, // a ticket account of the cluster
    RECEIPT_CREDIT, // the same, that credit of an account paid for: the authority of events has it
};
enum receipt_class {
    RECEIPT_VALID,
    RECEIPT_NOTED, // money of a stranger, or of another currency
    RECEIPT_JUNK,
    RECEIPT_GONE, // was confirmed, and a fork took it back
};

// Money that came. What is not valid is recorded and counts nowhere.
struct receipt {
    uint8_t id[64]; // the transaction's signature; until that is known, the ticket's reference and zeros; or
                    // the key of the ledger's entry and zeros
    int64_t amount;
    int64_t at_ms; // by the clock of the place where it was paid
    uint64_t slot;
    struct payment_key payer; // of a ticket: who gets a refund
    uint8_t way;              // enum receipt_way
    uint8_t class;            // enum receipt_class
    bool settled;             // false: confirmed, and a fork may take it back
};

bool receipt_is_ticket(const struct receipt *receipt);
bool receipt_is_signed(const struct receipt *receipt); // its id is a signature

enum refund_to {
    REFUND_TO_ACCOUNT,
    REFUND_TO_PAYER,
    REFUND_TO_CREDIT // the ticket goes back to the authority, and the account has its credit again
};
enum refund_state {
    REFUND_DUE,
    REFUND_SENT,
    REFUND_DONE,
    REFUND_STUCK,    // for seven days: a dev decides
    REFUND_CREDITED, // no wallet took it: the account has it as credit in LAMPORTS
};

struct refund {
    int64_t amount;
    int64_t since_ms; // when it became due
    uint8_t receipt;  // which one goes back
    uint8_t end;      // enum payment_end: why; PAYMENT_BY_NOBODY: nothing was due
    uint8_t to;       // enum refund_to
    uint8_t state;    // enum refund_state
};

bool refund_is_open(const struct refund *refund); // it is still to go back

// Leave for one transaction that pays for the hold. At most one lives.
struct payment_permit {
    bool live;      // it may still land, or what landed is not finalized
    int64_t credit; // of the account, that lies aside while it lives, with its fee; 0: a wallet pays
    struct payment_key account;
    uint64_t last_valid_height;
    int64_t not_after_ms; // by the cluster's clock
    // What else its message is made of, so that it can be made again.
    struct payment_key blockhash;
    uint64_t unit_price; // micro-lamports of a unit's priority fee
};

// What changes, but for receipts and refunds.
struct payment_standing {
    uint8_t seat;  // enum payment_seat
    uint8_t stage; // enum payment_stage
    uint8_t end;   // enum payment_end: wished, and waiting for the permit's end
    uint8_t flags; // enum payment_flag
    uint8_t promotions;
    uint8_t kept_from; // the receipt that kept is of
    bool paid_out;     // the pot was
    uint32_t attempt;  // of the user at this event, from 1; 0: no hold yet
    uint32_t junk;     // how often junk came
    int64_t price;
    int64_t kept;     // of the money received, by the seat or place
    int64_t withheld; // what a seat that is on its way out leaves to the event
    int64_t hold_ends_ms;
    int64_t waits_until_ms; // a paid place in the waitlist
    struct payment_permit permit;
    struct payment_key reference; // of the hold
};

struct payment {
    struct uuid id, event_id, user_id;
    uint8_t currency; // enum payment_currency
    bool comp;        // the god seated them without a payment
    int64_t opened_ms;
    struct payment_standing standing;
    uint8_t receipt_count, refund_count;
    struct receipt receipts[PAYMENT_RECEIPTS_MAX];
    struct refund refunds[PAYMENT_REFUNDS_MAX];
};

struct payment_opening {
    struct uuid id, event_id, user_id;
    enum payment_currency currency;
    enum payment_seat seat; // HELD; TAKEN: seated without a payment; WAITING: no hold yet
    int64_t price;
    int64_t now_ms, hold_ms;
    uint8_t promotions; // how often the waitlist gave them a hold, with this one
    uint32_t attempt;
    struct payment_key reference;
};
void payment_open(struct payment *payment, const struct payment_opening *opening);

enum payment_place payment_place(const struct payment *payment);
char payment_letter(enum payment_place place); // 'H' for PLACE_HELD

// Sums of the receipts and refunds; due is what a hold still asks for, owed what is to go back.
int64_t payment_received(const struct payment *payment);
int64_t payment_due(const struct payment *payment);
int64_t payment_refunded(const struct payment *payment);
int64_t payment_credited(const struct payment *payment);
int64_t payment_owed(const struct payment *payment);
// received = kept + refunded + credited + owed, none below zero, and no more kept than the price.
bool payment_is_balanced(const struct payment *payment);

// Nothing is held, kept or on its way: for this payment the event may be deleted.
bool payment_is_final(const struct payment *payment);
// Who wins shares a pot only when they paid into it.
bool payment_in_pot(const struct payment *payment);
// What it keeps was paid with credit.
bool payment_is_by_credit(const struct payment *payment);

#endif
