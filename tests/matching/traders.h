// Who places an order: people who buy, and people who sell, so that nobody meets themselves. The market lets
// one have so many open orders, and sell what they have.
#ifndef TESTS_MATCHING_TRADERS_H
#define TESTS_MATCHING_TRADERS_H

#include "tests/matching/workload.h"

#define TRADERS_ROLE "01890000-0000-7000-8000-00000000ca4d"

struct trader {
    uint32_t open;  // orders, at most: of those that others filled it is not known
    uint32_t cards; // to sell
};

struct traders {
    struct trader *all;
    uint32_t people; // of each side; those who sell come behind those who buy
};

void traders_begin(struct traders *traders, uint32_t people, uint32_t cards);
void traders_finish(struct traders *traders);

// Who may place it; false: nobody may.
bool traders_pick(const struct traders *traders, unsigned side, uint32_t quantity, uint32_t *person);
// An order of theirs is asked for; one is no more, of which so many cards were not sold.
void traders_place(struct traders *traders, uint32_t person, uint32_t quantity);
void traders_end(struct traders *traders, uint32_t person, uint32_t left);
// Those come back of an order that did not count as open.
void traders_return(struct traders *traders, uint32_t person, uint32_t left);

#endif
