// Ratings as people see them: one formula for every screen.
#ifndef AI_HANDLERS_SHOWN_H
#define AI_HANDLERS_SHOWN_H

#include "ai.pb-c.h"
#include "lib/base/arena.h"
#include "services/ai/standings/board.h"
#include "services/ai/standings/standings.h"

// Whether a user's rating may be shown to a reader: to themselves, and to others unless they want it not to
// be.
bool shows_rating(const struct ai *ai, const char *reader_id, const char *user_id);

// NULL without memory, all. Of a player by their number, 0: who has played no game that counted. The board
// is held.
Ai__Rating *shown_rating(struct board *board, const struct standings *standings, const char *user_id,
                         uint32_t number, int64_t day, struct arena *arena);
// The numbers alone.
Ai__RatingShown *shown_numbers(struct rating belief, struct arena *arena);
Ai__RatingShown *shown_now(const struct standings *standings, uint32_t number, int64_t day, bool *provisional,
                           struct arena *arena);
Ai__RatingChange *shown_change(const Standings__ResultRow *row, struct arena *arena);

#endif
