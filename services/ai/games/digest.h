// What is kept of a finished game: who played on which side, and which won. Pure.
#ifndef AI_GAMES_DIGEST_H
#define AI_GAMES_DIGEST_H

#include "game.pb-c.h"
#include "lib/base/arena.h"
#include "services/ai/standings/standings.h"

// Its ids are ids; else nothing can be made of it.
bool digest_check(const Game__FinishedGame *game);
// Without the numbers of players, who are in the order of the game's. Sides are those that somebody was on,
// who was there. NULL without memory.
Standings__Game *digest_make(const Game__FinishedGame *game, struct arena *arena);
// The bytes of an id that was checked; empty without memory.
ProtobufCBinaryData digest_id(const char *text, struct arena *arena);
// The id of the player's seat, by which an account takes it over.
const char *digest_seat(const Game__FinishedGame__Player *player);
// Abilities that the player did not use; of one without an end nothing is left over.
uint32_t digest_uses_left(const Game__FinishedGame__Player *player);

#endif
