#ifndef AI_BEHAVIOUR_GAME_H
#define AI_BEHAVIOUR_GAME_H

#include "services/ai/behaviour/behaviour.h"

// The entries that one game adds to a graph, and what every entry must satisfy. Part of behaviour.h's module.

enum { BEHAVIOUR_TALLY_ROOM = BEHAVIOUR_MAX_STEPS + BEHAVIOUR_MAX_CHAINS + 4 };

struct behaviour_tally {
    struct behaviour_entry entries[BEHAVIOUR_TALLY_ROOM]; // sorted by key, each key once
    uint32_t count;
};

// False for a game that is too long, or has a part or status that does not exist.
bool behaviour_tally_game(struct behaviour_tally *tally, const struct behaviour_game *game);

bool behaviour_entry_check(const struct behaviour_entry *entry);

#endif
