#ifndef AI_SUGGEST_H
#define AI_SUGGEST_H

#include <stdint.h>

#include "services/ai/rating.h"

// Open events scored for one player: how close the table's ratings are, whether he knows its god, group and
// deck, and how light the price is. Pure and deterministic; the caller counts the past and filters what the
// player may not see.

struct suggest_player {
    struct rating rating;
    uint64_t balance; // in the currency of the prices
};

struct suggest_event {
    double mean_mu;                         // of who is seated; the prior's for an empty table
    uint32_t with_god, in_group, with_deck; // his finished games with each
    uint32_t seats_free;
    uint64_t price;
    uint64_t starts_at_ms;
};

struct suggestion {
    uint32_t event;                              // its index
    double score;                                // 0..1, the weighted sum of the four, each 0..1
    double closeness, acquaintance, deck, price; // why
};

// Writes the best at most `room`, best first; of equal scores what starts sooner, then what was given first.
// Full events and those he can't pay are left out. Returns how many were written.
uint32_t suggest_events(const struct suggest_player *player, const struct suggest_event *events,
                        uint32_t count, struct suggestion *best, uint32_t room);

#endif
