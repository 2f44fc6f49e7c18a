// How somebody took part in a finished game, counted from what is told of it. Pure.
#ifndef AI_GAMES_PART_H
#define AI_GAMES_PART_H

#include "game.pb-c.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "standings.pb-c.h"

// Of each player who was there, into their digest. False without memory.
MUST_CHECK bool part_count(const Game__FinishedGame *game, Standings__Game *digest, struct arena *arena);

#endif
