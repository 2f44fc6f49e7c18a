#ifndef AI_TEAMS_H
#define AI_TEAMS_H

#include <stdint.h>

// Deals players into teams of like strength. Pure, deterministic.

enum { TEAMS_MAX = 8, TEAMS_MAX_PLAYERS = 64 };

// Picks in rounds, the strongest player left to the team that is weakest so far, with as many picks as a team
// has seats. Teams of one size end no further apart in their sums than the best player is from the worst. The
// sizes, each at least 1, sum to `players`, which together with `teams` keeps to the limits above; `team`
// gets each player's.
void teams_balance(const double *mu, uint32_t players, const uint32_t *sizes, uint32_t teams, uint32_t *team);

#endif
