// Deals of cards to players, one after another, and the chances of each; and what they rest on. Private to
// the room; pure.
#ifndef AI_STANDINGS_DEALS_H
#define AI_STANDINGS_DEALS_H

#include "services/ai/standings/table.h"

struct deals {
    struct rating players[HANDICAP_MAX_PLAYERS];
    size_t player_count;
    uint8_t cards[TABLE_CARDS_MOST]; // the side of each
    size_t card_count;
    struct rating sides[HANDICAP_MAX_SIDES], decks[HANDICAP_MAX_SIDES];
    size_t side_count;
    double shifts[HANDICAP_MAX_SIDES]; // in log odds, of what is to be changed
    double slope;                      // that tempers chances
    uint64_t seed;
};

// What so many deals say.
struct deals_sum {
    double chances[HANDICAP_MAX_SIDES];
    double unevenness;
};

// False of what has no chances.
bool deals_sum(const struct deals *deals, int count, struct deals_sum *sum);

// How much more likely its side is to win for a kind of card, in log odds, and somebody; each from so many
// games.
struct known_card {
    size_t side; // place
    double effect;
    uint32_t games;
};
struct known_player {
    struct rating belief;
    uint32_t games;
};
// As the standings were when it was read.
struct table_known {
    const struct table *table;
    const struct table_wishes *wishes; // NULL: nothing is to be changed
    bool fits;                         // something can be foretold of it
    struct deals deals;
    struct table_told told; // the sides, without chances
    struct known_player *players, *waiting;
    struct known_card *cards;
};

#endif
