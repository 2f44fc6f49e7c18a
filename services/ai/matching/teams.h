#ifndef AI_TEAMS_H
#define AI_TEAMS_H

#include <stdint.h>

// Deals players into teams of similar strength. Pure, deterministic.

enum { TEAMS_MAX = 8, TEAMS_MAX_PLAYERS = 64 };

// Picks in rounds: the strongest remaining player goes to the team that is weakest so far, with as many picks
// as a team has seats. The sums of teams of one size differ by at most the difference between the best player
// and the worst. The sizes, each at least 1, sum to `players`, which together with `teams` keeps to the
// limits above; `team` gets each player's.
void teams_balance(const double *mu, uint32_t players, const uint32_t *sizes, uint32_t teams, uint32_t *team);

#endif
