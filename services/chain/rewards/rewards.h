// What finished games give, on the ledger: role cards. The merit room judges, and what follows is entries of
// one append. Called between book_begin and book_commit.
#ifndef CHAIN_REWARDS_REWARDS_H
#define CHAIN_REWARDS_REWARDS_H

#include "game.pb-c.h"
#include "services/chain/book/call.h"

// Judges a game that was told of, once; told of again, only guests' seats that have an account since.
void rewards_judge(struct book_call *b, const Game__FinishedGame *game);
// A game's end was taken back: cards of it that their winners still have are no more, also those that their
// open orders would sell, and nothing more is given for it.
void rewards_take_back(struct book_call *b, const uint8_t event[MERIT_ID_BYTES]);

#endif
