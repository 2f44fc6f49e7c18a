// Coins for finished games: what ai says that they are worth, given to whom the ledger rewards for them.
#ifndef CHAIN_REWARDS_COINS_H
#define CHAIN_REWARDS_COINS_H

#include "services/chain/book/lesson.h"

#define COINS_STREAM "ai.rewards"

// The key of who it is, an account or a seat, for an event: by it nobody is found.
void coins_key(const uint8_t event[MERIT_ID_BYTES], const char *who, uint8_t key[MERIT_ID_BYTES]);
// Whether what is decided may say something of coins.
bool coins_are_known(const struct book_call *b);
// Gives what was offered and won, once. Called between book_begin and book_commit.
void coins_give(struct book_call *b, const uint8_t event[MERIT_ID_BYTES], const uint8_t key[MERIT_ID_BYTES]);

// Follows ai, whether it is running or not, on a thread of its own.
MUST_CHECK bool coins_follow(struct chain *chain, const struct book_peers *ai, struct err *err);
void coins_unfollow(struct chain *chain); // also when it did not follow
// Applies a page of ai.rewards at this time; blocks until it is durable. The follower calls it.
MUST_CHECK bool coins_learn(struct chain *chain, const struct bus_batch *batch, int64_t now_ms,
                            struct err *err);

#endif
