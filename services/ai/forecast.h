#ifndef AI_FORECAST_H
#define AI_FORECAST_H

#include "services/ai/rating.h"

// Chances of a game that has not been played, from the teams' ratings; pure, as rating.h. Ranks and weights
// are not read. False, with the results untouched, where rating_check refuses the teams.

// The chance to be first that the model of `options` itself gives each team, summing to 1: what an outcome is
// measured against, so in the long run what comes true. Show this one to people.
__attribute__((warn_unused_result)) bool forecast_first(const struct rating_options *options,
                                                        struct rating_team *teams, uint32_t count,
                                                        double *chances);

// Openskill's chance to be first, summing to 1: always the normal curve, so bolder than the logistic models.
// Three teams and more: the mean over all pairs, each pair with the performance noise of the whole field
// (openskill.js; openskill.py takes two performances' noise at any number).
__attribute__((warn_unused_result)) bool forecast_win(const struct rating_options *options,
                                                      struct rating_team *teams, uint32_t count,
                                                      double *chances);

// The same chances with the place they give, 1 for the best; equal chances share a place.
__attribute__((warn_unused_result)) bool forecast_rank(const struct rating_options *options,
                                                       struct rating_team *teams, uint32_t count,
                                                       double *chances, uint32_t *places);

// How likely the field ends in a draw: the mean over all pairs of teams, with a margin that grows with the
// players.
__attribute__((warn_unused_result)) bool forecast_draw(const struct rating_options *options,
                                                       struct rating_team *teams, uint32_t count,
                                                       double *chance);

#endif
