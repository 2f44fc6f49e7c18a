// Finished games are rewarded here: the stream events.games is followed, and each of its entries has its
// effect once.
#ifndef CHAIN_REWARDS_LEARN_H
#define CHAIN_REWARDS_LEARN_H

#include "services/chain/book/lesson.h"

#define GAMES_STREAM "events.games"

// Follows events, whether it is running or not, on a thread of its own. While auth was not heard, games wait:
// whom it has told of something is judged by that.
MUST_CHECK bool rewards_follow(struct chain *chain, const struct book_peers *events, struct err *err);
void rewards_unfollow(struct chain *chain); // also when it did not follow
// Applies a page of events.games at this time; blocks until it is durable. The follower calls it.
MUST_CHECK bool rewards_learn(struct chain *chain, const struct bus_batch *batch, int64_t now_ms,
                              struct err *err);

#endif
