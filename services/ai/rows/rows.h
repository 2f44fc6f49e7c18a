// The thread that makes rows from the entries of ai.games, once they are durable: what each game made of each
// player's rating. It does so page by page, of a page by player; of several processes one does it. How far it
// came is a row behind them.
#ifndef AI_ROWS_ROWS_H
#define AI_ROWS_ROWS_H

#include "services/ai/ai.h"

struct rows;

MUST_CHECK bool rows_start(struct rows **rows, struct ai *ai, struct err *err);
void rows_stop(struct rows *rows); // NULL is fine
// Makes what is missing; blocks.
MUST_CHECK bool rows_catch_up(struct ai *ai, struct err *err);
// The same by pages of so many rows, or a few more: for tests.
MUST_CHECK bool rows_catch_up_by(struct ai *ai, size_t at_once, struct err *err);

#endif
