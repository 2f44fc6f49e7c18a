#ifndef AI_TEMPER_H
#define AI_TEMPER_H

#include <stdint.h>

// Chances from ratings are too bold while these are learnt, by how much depends on who plays. One number, the
// slope, tempers them: each chance to its power, shared anew. It is learnt from how games ended, by steps
// along the likelihood that get smaller. Pure.

extern const double temper_slope_at_first;

// In place; the chances sum to 1 before and after.
void temper_chances(double *chances, uint32_t count, double slope);
// The slope after a game of these chances, not tempered, that one side won, the one at `winner`; `games` were
// learnt from before.
double temper_learn(double slope, const double *chances, uint32_t count, uint32_t winner, uint64_t games);

#endif
