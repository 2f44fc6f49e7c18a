#ifndef AI_SUGGEST_H
#define AI_SUGGEST_H

#include <stdint.h>

#include "services/ai/skill/rating.h"

// Open events scored for one player: how close the table's ratings are, how well the player knows its god,
// group and deck, and how affordable the price is. Pure and deterministic; the caller counts the past and
// filters what the player may not see.

struct suggest_player {
    struct rating rating;
    uint64_t balance; // in the currency of the prices
};

struct suggest_event {
    double mean_mu;                         // of the seated players; the prior's for an empty table
    uint32_t with_god, in_group, with_deck; // the player's finished games with each
    uint32_t seats_free;
    uint64_t price;
    uint64_t starts_at_ms;
};

struct suggestion {
    uint32_t event;                              // its index
    double score;                                // 0..1, the weighted sum of the four, each 0..1
    double closeness, acquaintance, deck, price; // the four parts of the score
};

// Writes at most `room` of the best, best first; of equal scores the earlier start, then the earlier in the
// input. Full events and those that the player can't pay are left out. Returns how many were written.
uint32_t suggest_events(const struct suggest_player *player, const struct suggest_event *events,
                        uint32_t count, struct suggestion *best, uint32_t room);

#endif
