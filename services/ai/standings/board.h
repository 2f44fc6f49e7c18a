// The standings as readers see them: what is durable, a moment old at most. A thread reads on, and takes
// snapshots. Thread-safe.
#ifndef AI_STANDINGS_BOARD_H
#define AI_STANDINGS_BOARD_H

#include "services/ai/ai.h"
#include "services/ai/standings/standings.h"

struct board;

MUST_CHECK bool board_open(struct board **board, struct ai *ai, struct err *err);
void board_close(struct board *board); // stops the thread too; NULL is fine
// Reads what is stored, before it returns, and starts the thread.
MUST_CHECK bool board_start(struct board *board, struct err *err);
// There is more to read. Any thread; NULL is fine.
void board_wake(struct board *board);
// Reads on at once. Blocks.
MUST_CHECK bool board_read_on(struct board *board, struct err *err);

// Between these two nothing changes.
const struct standings *board_hold(struct board *board);
void board_release(struct board *board);

// Of a board that is held: who is ranked, of those who show their rating, by what they show on a day, the
// best first; who shows the same, by number. Fills in at most `most` players' numbers from a place on, from
// 1, and how many are ranked. False without memory.
MUST_CHECK bool board_ranked(struct board *board, int64_t day, size_t place, uint32_t *numbers, size_t most,
                             size_t *count);
// The place of a player, 0 when they are not ranked.
MUST_CHECK bool board_place(struct board *board, int64_t day, uint32_t number, uint32_t *place,
                            size_t *count);

#endif
