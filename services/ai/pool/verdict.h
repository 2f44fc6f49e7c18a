// What is to be done about an offer, by the tickets of those whom it was made to. Pure.
#ifndef AI_POOL_VERDICT_H
#define AI_POOL_VERDICT_H

#include <stdbool.h>

#include "queue.pb-c.h"

enum {
    OFFER_LEAST_MS = 30000, // to answer
    OFFER_MOST_MS = 60000,
    OFFER_GRACE_MS = 2000, // behind the deadline, by which the clocks of several processes may differ
};

// How long there is to answer: a second more for each minute that somebody waited.
int64_t offer_answer_ms(int64_t waited_ms);

struct offer_count {
    uint32_t asked, accepted; // who did not answer yet; who accepted, with or without a seat so far
    uint32_t begun;           // of those: who has a seat, or for whom it is being taken
    uint32_t left;            // of those: who has none yet
};
struct offer_count offer_count(const Queue__TicketRow *const *tickets, size_t count);

enum verdict {
    VERDICT_WAIT,
    VERDICT_SEAT, // enough accepted
    VERDICT_FAIL, // too few can any more: who did not fail waits again
    VERDICT_OVER, // there is nobody left to wait for
};
// Who is late has been timed out before.
enum verdict offer_judge(const Queue__OfferRow *offer, struct offer_count count);
bool offer_is_late(const Queue__OfferRow *offer, int64_t now_ms); // nobody answers any more

// How many of so many people must accept: the table has `taken` and plays with `least`, and everybody wants
// `size_min` there.
uint32_t offer_needed(uint32_t taken, uint32_t least, uint32_t size_min);

#endif
