// Chances of a game that has not been played, from the standings as they are. Pure.
#ifndef AI_STANDINGS_FORETELL_H
#define AI_STANDINGS_FORETELL_H

#include "services/ai/skill/handicap.h"
#include "services/ai/standings/standings.h"

enum { FORETELL_SWAPS = 3 };

#define FORETELL_NINETY 1.6448536269514722 // deviations to either side that have 90 in a hundred
#define FORETELL_LEAST_GAIN 0.01           // of a swap: how much nearer the chances come to even

// A chance as it is when its log odds move by so much.
double foretell_moved(double chance, double by);

// A game to be: whose turn it is on which side.
struct foretell_side {
    uint8_t side[STANDINGS_ID];
    const char *const *user_ids; // those who are nobody play as newcomers
    size_t user_count;
    uint32_t others; // newcomers
};
struct foretell_game {
    const uint8_t *deck; // STANDINGS_ID bytes; NULL: none
    const struct foretell_side *sides;
    size_t count;
    int64_t day; // UTC, since 1970
};

struct foretold_side {
    double chance, low, high;   // to win alone; with 90 % chance it lies between these
    uint32_t games, deck_games; // from which its ease is known, and what the deck adds to it
    uint32_t newcomers;         // whose skill nobody knows
};
// One of a side and one of another change places.
struct foretold_swap {
    size_t side, player, with_side, with_player; // places
    double chances[HANDICAP_MAX_SIDES];
    double unevenness; // how far these are from even
};
struct foretold {
    struct foretold_side sides[HANDICAP_MAX_SIDES];
    struct foretold_swap swaps[FORETELL_SWAPS]; // those that make the chances most even, if any does so
    size_t swap_count;
};

// False for fewer than two sides, a side without players, or more of either than are rated.
__attribute__((warn_unused_result)) bool foretell(const struct standings *standings,
                                                  const struct foretell_game *game,
                                                  struct foretold *foretold);

#endif
