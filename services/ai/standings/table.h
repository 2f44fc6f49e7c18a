// Chances of a game whose cards are not dealt: of those that the ratings give each deal, the mean. Which
// deals are looked at follows from the event's id alone. Pure.
#ifndef AI_STANDINGS_TABLE_H
#define AI_STANDINGS_TABLE_H

#include "lib/base/arena.h"
#include "services/ai/skill/handicap.h"
#include "services/ai/standings/standings.h"

enum { TABLE_CARDS_MOST = 10000, TABLE_SWAPS = 3 };

struct table_card {
    uint8_t role[STANDINGS_ID], side[STANDINGS_ID];
    uint32_t copies;
};
// Who sits down to which cards. Of more cards than players some are not dealt.
struct table {
    uint8_t event[STANDINGS_ID];
    const uint8_t *deck; // STANDINGS_ID bytes; NULL: none
    const struct table_card *cards;
    const uint32_t *players; // numbers; 0: nobody whose skill is known
    size_t card_count, player_count;
    int64_t day; // UTC, since 1970
};
// Which changes of it may be told.
struct table_wishes {
    const bool *may_go;      // of each player; NULL: nobody may
    const uint32_t *waiting; // numbers, 0 as above
    const bool *may_come;    // of each who waits
    size_t waiting_count;
};

// What is foretold rests on, once the standings are let go.
struct table_known;

// In the arena, which outlives neither the table nor the wishes; NULL without memory. Without wishes nothing
// is to be changed.
struct table_known *table_read(const struct standings *standings, const struct table *table,
                               const struct table_wishes *wishes, struct arena *arena);

struct table_side {
    uint8_t side[STANDINGS_ID];
    double chance, low, high;   // to win alone; with 90 % chance it lies between these
    uint32_t games, deck_games; // from which its ease is known, and what the deck adds to it
};
struct table_told {
    struct table_side sides[HANDICAP_MAX_SIDES]; // in the order of the cards
    size_t count;
    double unevenness;  // how far the chances of a deal are from even, on average
    uint32_t newcomers; // among the players
};

// False of fewer than two sides, of more sides, players or cards than are known here, of nobody, and of fewer
// cards than players: then the newcomers alone are told.
__attribute__((warn_unused_result)) bool table_foretell(const struct table_known *known,
                                                        struct table_told *told);

// ---- What would make it more even

// A card for another one, or somebody who waits for somebody who has a seat.
struct table_swap {
    bool of_cards;
    size_t out, in;                     // places among cards, or among players and those who wait
    double chances[HANDICAP_MAX_SIDES]; // of the sides, in their order
    double unevenness;
    uint32_t games; // from which it is known
};

// Those that make the chances most even, if any does so; the best first. Returns how many.
size_t table_swaps(const struct table_known *known, struct table_swap swaps[TABLE_SWAPS]);

#endif
