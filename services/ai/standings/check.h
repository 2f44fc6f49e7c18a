// Entries of ai.games against what the rules make of the games that they have. Pure.
#ifndef AI_STANDINGS_CHECK_H
#define AI_STANDINGS_CHECK_H

#include "lib/base/arena.h"
#include "services/ai/standings/standings.h"

// The next entry, before it is folded in: what it says of a game follows from the game and from those before,
// to one part in 10^9. `played` is the game of a guest's seat that was taken over, else NULL. STORE_CORRUPT
// when it does not.
MUST_CHECK bool check_entry(const struct standings *standings, const Standings__Entry *entry,
                            const Standings__Game *played, struct arena *arena, struct err *err);

#endif
