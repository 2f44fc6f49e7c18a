// How the pot of an event is divided when its game is done. Whole minor units; the parts always sum to the
// pot.
#ifndef CHAIN_PAYMENTS_POT_H
#define CHAIN_PAYMENTS_POT_H

#include "services/chain/payments/terms.h"

// The winners share equally. What can't be shared goes to the first of them in the order of their seats, a
// unit each. When nobody won, or nobody who paid, their part is the treasury's: a god gains nothing by it.
struct pot_split {
    int64_t revenue, god, treasury;
    int64_t each;     // of the winners
    uint32_t winners; // how many
    uint32_t more;    // how many of them get a unit more
};

// False: the pot is below zero, or the terms are none.
bool pot_divide(int64_t pot, const struct pot_terms *terms, uint32_t winners, struct pot_split *split);
// The part of a winner, counted from 0 in the order of the seats.
int64_t pot_part(const struct pot_split *split, uint32_t winner);

#endif
