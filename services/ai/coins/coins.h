#ifndef AI_COINS_H
#define AI_COINS_H

#include "services/ai/statistics/kmeans.h"
#include "services/ai/statistics/scaler.h"

// Coins for a finished game. Four marks of 5 to 15 describe how a player took part. Players of past games
// fall into six classes of similar marks, ranked by their mean sum. Coins are 5 per point of the sum, more in
// the better classes, and at least 100. Pure: a fitted model is a plain struct that may be stored and shared.

enum { COINS_FEATURES = 4, COINS_CLASSES = 6, COINS_FLOOR = 100 };

// One player's part in one game, counted from its log.
struct coins_part {
    uint32_t phases, phases_present;
    uint32_t acts_offered, acts_done; // ability uses, chains, ballots; done counts up to offered
    uint32_t silenced, disabled;      // how often the god silenced or disabled them
    bool kicked;
    uint8_t score; // the god's mark
};

struct coins_features {
    double marks[COINS_FEATURES]; // attendance, activity, discipline, score; each 5..15
};

struct coins_model {
    struct scaler scaler;
    double centroids[COINS_CLASSES][COINS_FEATURES]; // standardised; class 0 is the best, called A
};

// When nothing was played the mark is 5, when nothing was offered the middle. Discipline loses 10 for a kick,
// 4 for a disabling, 2 for a silence.
struct coins_features coins_measure(const struct coins_part *part);

// Fits the classes to past features. `fitter` has room for them, COINS_FEATURES dimensions and COINS_CLASSES
// clusters; `scratch` has COINS_FEATURES numbers for each. False, with `model` untouched, for fewer than
// COINS_CLASSES rows, too little room, or marks out of 5..15.
__attribute__((warn_unused_result)) bool coins_fit(struct coins_model *model,
                                                   const struct coins_features *past, size_t count,
                                                   struct kmeans *fitter, double *scratch);

// 0 for A to 5 for F. Before any model is fitted, pay class COINS_CLASSES - 1.
uint32_t coins_classify(const struct coins_model *model, const struct coins_features *features);

// What the class gets of it, in a hundred.
uint32_t coins_percent(uint32_t class);
// round(5 * sum) times 150, 130, 115, 100, 100, 100 %, rounded to whole coins, at least COINS_FLOOR.
uint64_t coins_award(const struct coins_features *features, uint32_t class);

#endif
