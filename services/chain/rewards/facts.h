// What a finished game says of itself, as rewards ask for it. Pure.
#ifndef CHAIN_REWARDS_FACTS_H
#define CHAIN_REWARDS_FACTS_H

#include "game.pb-c.h"
#include "ledger.pb-c.h"
#include "lib/base/arena.h"
#include "services/chain/merit/judge.h"

// Its ids are ids; else nothing can be made of it.
bool facts_are_whole(const Game__FinishedGame *game);
// All but its age, and how many games its god led.
struct merit_game_facts facts_game(const Game__FinishedGame *game);
// All but whether they are verified, and for how many games they were rewarded.
struct merit_player_facts facts_player(const Game__FinishedGame *game, size_t place);

// The id of the player's seat, by which they were dealt a card.
const char *facts_seat(const Game__FinishedGame__Player *player);
const char *facts_role(const Game__FinishedGame *game, const Game__FinishedGame__Player *player);
// Of a player that is proved; NULL without memory.
Ledger__DealProof *facts_proof(const Game__FinishedGame *game, size_t place, struct arena *arena);

#endif
