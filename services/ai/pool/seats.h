// Taking the seats of an offer that enough have accepted: by the usual reservation, in the name of each.
#ifndef AI_POOL_SEATS_H
#define AI_POOL_SEATS_H

#include "services/ai/pool/offers.h"

// Before, those who must not sit there any more wait again: who was blocked since, or has a seat elsewhere.
// What events does not answer is asked again by the next tick, with the same key, so that nobody is seated
// twice.
MUST_CHECK bool seats_give(const struct tick *tick, const Queue__OfferRow *offer,
                           const struct tickets *tickets, struct err *err);

MUST_CHECK bool seats_tell(const struct tick *tick, const Queue__OfferRow *offer,
                           Events__TellOfferRequest__Kind kind, const char **user_ids, size_t count,
                           struct err *err);

// What follows from the answer to a reservation, which is NULL when it was refused by *err.
enum seat_outcome {
    SEAT_TAKEN,
    SEAT_UNKNOWN,    // it is asked for again
    SEAT_WAITLISTED, // the last seat went meanwhile
    SEAT_FULL,
    SEAT_GONE,    // the event takes nobody any more
    SEAT_REFUSED, // or not this one
};
enum seat_outcome seat_outcome(const Events__ReserveReply *reply, const struct err *err);

#endif
