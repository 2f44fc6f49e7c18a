// What became of each player of a finished game, and how they used their abilities: what tips are made of.
// Pure.
#ifndef AI_GAMES_FATE_H
#define AI_GAMES_FATE_H

#include "game.pb-c.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "standings.pb-c.h"

// Of each player who was there and was dealt a role, into their digest. False without memory.
MUST_CHECK bool fate_note(const Game__FinishedGame *game, Standings__Game *digest, struct arena *arena);

#endif
