// What events tells of seats that cost something is done here: the stream events.money is followed, and each
// of its entries has its effect once.
#ifndef CHAIN_SEATS_LEARN_H
#define CHAIN_SEATS_LEARN_H

#include "services/chain/book/lesson.h"

#define SEATS_STREAM "events.money"

enum {
    SEATS_SINCE = 5,      // CONSE_FORMAT: older programs don't know the entries
    SEATS_TOLD_SINCE = 14 // the same: of when an event became locked or open
};

// Follows events, whether it is running or not, on a thread of its own.
MUST_CHECK bool seats_follow(struct chain *chain, const struct book_peers *events, struct err *err);
void seats_unfollow(struct chain *chain); // also when it did not follow
// Milliseconds since a process of events said how much it has told, all of which is in the ledger by now;
// INT64_MAX: none has. Any thread between seats_follow and seats_unfollow, and before it.
int64_t seats_told_age_ms(const struct chain *chain);
// Applies a page of events.money at this time; blocks until it is durable. The follower calls it.
MUST_CHECK bool seats_learn(struct chain *chain, const struct bus_batch *batch, int64_t now_ms,
                            struct err *err);

#endif
