// Deals of cards to players, one after another, and the chances of each. Private to the room; pure.
#ifndef AI_STANDINGS_DEALS_H
#define AI_STANDINGS_DEALS_H

#include "services/ai/standings/table.h"

struct deals {
    const struct standings *standings;
    struct rating players[HANDICAP_MAX_PLAYERS];
    size_t player_count;
    uint8_t cards[TABLE_CARDS_MOST]; // the side of each
    size_t card_count;
    struct rating sides[HANDICAP_MAX_SIDES], decks[HANDICAP_MAX_SIDES];
    size_t side_count;
    double shifts[HANDICAP_MAX_SIDES]; // in log odds, of what is to be changed
    uint64_t seed;
};

// What so many deals say.
struct deals_sum {
    double chances[HANDICAP_MAX_SIDES];
    double unevenness;
};

// False of what has no chances.
bool deals_sum(const struct deals *deals, int count, struct deals_sum *sum);

#endif
