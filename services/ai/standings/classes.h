// The classes of marks by which coins are given, and the newest marks that the next ones are made from. A
// part of the standings. Pure.
#ifndef AI_STANDINGS_CLASSES_H
#define AI_STANDINGS_CLASSES_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "services/ai/coins/coins.h"
#include "standings.pb-c.h"

// By which coins follow from marks and their class; another formula gets another number.
enum { CLASSES_FORMULA = 1 };
enum { CLASSES_ROWS = 12000, CLASSES_EVERY = 1000 }; // of how many marks; behind how many games

struct classes {
    struct coins_model model;
    uint32_t version; // of the model; 0: there is none yet
    uint32_t fitted;  // from how many marks
    double *rows;     // COINS_FEATURES each; NULL before the first
    size_t count, first;
};

void classes_finish(struct classes *classes); // it is then as zeroed

// False, with nothing noted, for what are no marks, or without memory.
MUST_CHECK bool classes_note(struct classes *classes, const double *marks, size_t count);
// The oldest first.
const double *classes_row(const struct classes *classes, size_t place);

// A model as it is stored, and the next one from the newest marks: NULL without memory, or from too few
// marks.
Standings__ModelFitted *classes_stored(const struct coins_model *model, struct arena *arena);
Standings__ModelFitted *classes_fit(const struct classes *classes, struct arena *arena);
// False for what is no model.
MUST_CHECK bool classes_set(struct classes *classes, const Standings__ModelFitted *fitted);

// What such a part is worth to its player now; `player` has a part. False without memory.
MUST_CHECK bool classes_reward(const struct classes *classes, Standings__Game__Player *player,
                               struct arena *arena);

#endif
