// What happens to seats that cost something, on the ledger: the payments room decides, and what follows is
// entries of one append, with what they move and what events are told. Called between book_begin and
// book_commit.
#ifndef CHAIN_SEATS_SEATS_H
#define CHAIN_SEATS_SEATS_H

#include "services/chain/book/call.h"
#include "services/chain/payments/decide.h"
#include "services/chain/payments/credit.h"
#include "services/chain/payments/pot.h"
#include "services/chain/payments/refund.h"

// ---- Payments

// What happens to one. The change of the verdict is made unless it is refused or impossible, which is false.
bool seats_happen(struct book_call *b, struct till_payment *payment, const struct happening *happening,
                  struct verdict *verdict);
// The same to each of an event that it did not happen to yet. What is impossible is logged, and changes
// nothing. False: some are left for another append, with which the caller does the same again, or none can
// be added.
bool seats_happen_all(struct book_call *b, struct till_event *event, enum happens what);
// Always false: err has what a verdict that refuses says to who asked.
bool seats_refuse(const struct verdict *verdict, struct err *err);

struct seats_opening {
    uint8_t id[TILL_ID_BYTES];
    uint32_t account; // of who pays
    enum payment_seat seat;
    int64_t price; // of a hold, by the event's terms
    uint8_t promotions;
    uint32_t attempt;
    struct payment_key reference; // of a hold in LAMPORTS
};
// The payment must not be there; NULL: it could not be added.
struct till_payment *seats_open(struct book_call *b, struct till_event *event,
                                const struct seats_opening *opening);

// A refund by the cluster goes on; false: it is not where it can.
bool seats_move_refund(struct book_call *b, struct till_payment *payment, uint8_t slot,
                       enum refund_moves move);

// Of a ticket, with the signature of the transaction that made it.
void seats_sign_receipt(struct book_call *b, struct till_payment *payment, uint8_t slot,
                        const uint8_t signature[64]);

// ---- Events

// What an event is from now on; begun with what it is.
struct seats_change {
    uint8_t id[TILL_ID_BYTES];
    Ledger__EventChanged message;
    Ledger__EventCluster cluster; // used by seats_change_cluster
};
void seats_change_new(struct seats_change *change, const uint8_t id[TILL_ID_BYTES]);
void seats_change_begin(struct seats_change *change, const struct till_event *event);
// And what the cluster has of it.
void seats_change_cluster(struct seats_change *change, const struct till_cluster *cluster);
bool seats_change_add(struct book_call *b, struct seats_change *change);

// It is too late to take the end back: its pot is divided, or the transaction that does it may land.
bool seats_is_divided(const struct book *book, const struct till_event *event);
// Divides the pot as the terms say, and among those who won and paid; what is on the cluster was divided
// there. Its payments learn so from seats_settle, in as many appends as they need.
void seats_divide(struct book_call *b, struct till_event *event);
// What the end of an event asks for: what nobody may have again is divided, and when all is final the event
// leaves the till: then it is no more.
void seats_settle(struct book_call *b, struct till_event *event);

// What a division would give; winners as they are known.
struct seats_division {
    int64_t pot;
    struct pot_split split;
};
bool seats_plan(const struct till_event *event, uint32_t winners, struct seats_division *division);

#endif
