#ifndef AI_HANDICAP_H
#define AI_HANDICAP_H

#include "services/ai/skill/rating.h"

// Ratings of games between unequal sides, of which some win. The effect on a team of its side, and of the
// deck it is played with, is a belief of its own, rated with every game like a teammate. So a player dealt a
// side that wins 30 % of the time is expected to lose and pays little for it. Team sizes are made comparable
// by counting skill from the average of the game. Sides that win together are one team, so each of its
// players gains; of the others nobody says who came second. Pure, on the stack, reentrant.

enum { HANDICAP_MAX_SIDES = 16, HANDICAP_MAX_PLAYERS = 256 };

struct handicap_side {
    struct rating *players; // `size` of them, updated in place
    struct rating *side;    // the ease of this side over all decks; at first handicap_prior
    struct rating *deck;    // what this deck adds to the side; at first handicap_prior
    uint32_t size;
    bool won;
};

// What a game said of one side: each of its members moves by
// (sigma^2 + tau^2) / scale * ((won ? 1 : 0) - expected).
struct handicap_said {
    double expected;  // chance of its team, which is all winners', to win
    double deviation; // of that team's strength
    double scale;     // the same for all sides
};

// Neither easy nor hard, and as uncertain as a newcomer.
extern const struct rating handicap_prior;

// Both return false and change nothing when there are fewer than two sides, more sides or players than the
// limits above, or numbers that rating_check refuses; an update also when all sides won, or none. `said` has
// one for each side. `chances` sum to 1.
__attribute__((warn_unused_result)) bool handicap_update(const struct rating_options *options,
                                                         struct handicap_side *sides, uint32_t count,
                                                         struct handicap_said *said);
__attribute__((warn_unused_result)) bool handicap_forecast(const struct rating_options *options,
                                                           const struct handicap_side *sides, uint32_t count,
                                                           double *chances);

// A member after a game that said this.
struct rating handicap_move(const struct rating_options *options, struct rating member,
                            const struct handicap_said *said, bool won);

#endif
