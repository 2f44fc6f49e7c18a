// Offers from their making to their end. What is done is read from what is stored, so that whoever goes on
// after a kill does the same.
#ifndef AI_POOL_OFFERS_H
#define AI_POOL_OFFERS_H

#include "services/ai/pool/seek.h"

// What a tick works with.
struct tick {
    struct ai *ai;
    const struct outside *outside;
    struct arena *arena;
    int64_t now_ms;
    bool clock_agrees; // else nobody is late
};

// Stores an offer of an event to those of a match, and opens it.
MUST_CHECK bool offer_make(const struct tick *tick, struct seek *seek, const struct queue_match *match,
                           uint32_t needed, struct err *err);
// Opens those whose making was cut off, or undoes them.
MUST_CHECK bool offers_complete(const struct tick *tick, struct err *err);
// Tells of an offer that stands, ends what is late, gives seats, or ends it.
MUST_CHECK bool offer_tend(const struct tick *tick, struct offer *offer, struct err *err);
// How many of an event's seats an offer has still to give.
MUST_CHECK bool offer_promises(const struct tick *tick, const struct offer *offer, uint32_t *promised,
                               struct err *err);

#endif
