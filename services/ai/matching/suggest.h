#ifndef AI_SUGGEST_H
#define AI_SUGGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "services/ai/skill/rating.h"

// Open events scored for one player: how close the table's ratings are, how well the player knows its god,
// group and deck, and how affordable the price is. Pure and deterministic; the caller counts the past and
// filters what the player may not see.

enum { SUGGEST_OF_GOD = 3, SUGGEST_TEXT_BYTES = 512 };

struct suggest_player {
    struct rating rating;
    uint64_t balance; // in the currency of the prices
};

struct suggest_event {
    double mean_mu; // of the seated players; the prior's for an empty table
    bool seated;    // there are some
    bool foreign;   // the price is in a currency of which nobody knows what the player has
    uint32_t god;   // the same number for the events of one god
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

// Writes at most `room` of the best, best first, and no more than SUGGEST_OF_GOD of one god; of equal scores
// the earlier start, then the earlier in the input. Full events and those that the player can't pay are left
// out. Returns how many were written.
uint32_t suggest_events(const struct suggest_player *player, const struct suggest_event *events,
                        uint32_t count, struct suggestion *best, uint32_t room);

// Why it is suggested: what the player has done before says most. In English and in Persian.
struct suggest_names {
    const char *god, *group; // "": unknown
};
void suggest_text(const struct suggestion *suggestion, const struct suggest_event *event,
                  const struct suggest_names *names, char out[SUGGEST_TEXT_BYTES]);
void suggest_text_fa(const struct suggestion *suggestion, const struct suggest_event *event,
                     const struct suggest_names *names, char out[SUGGEST_TEXT_BYTES]);

#endif
