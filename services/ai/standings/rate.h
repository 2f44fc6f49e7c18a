// What a finished game makes of ratings. Pure.
#ifndef AI_STANDINGS_RATE_H
#define AI_STANDINGS_RATE_H

#include "lib/base/arena.h"
#include "services/ai/standings/standings.h"

// Fills verdict, scale, and what is expected, before and after, of a game whose sides and players are there.
// Guests and those of whom nothing is kept play as newcomers. False without memory.
MUST_CHECK bool rate_game(const struct standings *standings, Standings__Game *game, struct arena *arena);
// The same of a guest's part in a game of before, for the player who took it over.
MUST_CHECK bool rate_claim(const struct standings *standings, const Standings__Game *game,
                           Standings__GuestClaimed *claimed, struct arena *arena);

// Fills the chances of a game to be, whose cards and players are there, on a day; none when nothing can be
// foretold. The same for false.
MUST_CHECK bool rate_table(const struct standings *standings, Standings__Foretold *told, int64_t day,
                           struct arena *arena);

// Fills marks, class and coins of those who have a part, and the model by which they have a class. The same
// for false.
MUST_CHECK bool rate_parts(const struct standings *standings, Standings__Game *game, struct arena *arena);

#endif
