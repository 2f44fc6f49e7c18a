// Between the files of a decision: decide.c asks the table, guards.c narrows its outcome, effect.c carries it
// out on what will stand, change.c finds places for receipts and refunds.
#ifndef CHAIN_PAYMENTS_DECIDING_H
#define CHAIN_PAYMENTS_DECIDING_H

#include "services/chain/payments/decide.h"

// What is being decided, and what is known of it so far.
struct deciding {
    const struct payment *payment;
    const struct happening *happening;
    struct verdict *verdict;
    struct payment_standing *now; // as it will be
};

// ---- guards.c: what the table cannot know: the hold's clock, a permit that lives, funds, finality.

// what: as classed; cell: of its row, for the payment's place. An outcome is never widened.
struct outcome_cell guards_narrow(const struct payment *payment, const struct happening *happening,
                                  enum happens what, struct outcome_cell cell);

// ---- effect.c

// False: there is no place for a receipt or refund.
bool effect_take(struct deciding *d);
// Carries out the end that is wished, or leaves it until the permit has ended.
bool effect_end(struct deciding *d);
// The end that an outcome is, or PAYMENT_BY_NOBODY.
enum payment_end effect_end_of(enum outcome outcome);

// ---- change.c

// Money that came and may still be taken back by a fork.
bool change_finds_unsettled(const struct payment *payment, uint8_t *slot);
// JUNK and NOTED take only a few of the places; what comes then is counted, and no more.
void change_note(const struct payment *payment, struct payment_change *change, const struct receipt *receipt,
                 enum receipt_class class);
// False: no place is left, as below.
bool change_receive(const struct payment *payment, struct payment_change *change,
                    const struct receipt *receipt);

struct giving_back {
    int64_t amount; // 0: nothing goes back
    uint8_t receipt_slot;
    enum payment_end end;
    bool done; // they have it already
};
// The receipt is in the payment, or received by this change.
bool change_give_back(const struct payment *payment, struct payment_change *change,
                      const struct giving_back *giving, int64_t now_ms);

#endif
