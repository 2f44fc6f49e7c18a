#ifndef AI_FORECAST_H
#define AI_FORECAST_H

#include "services/ai/skill/rating.h"

// Chances of a game that has not been played, from the teams' ratings. Pure, like rating.h. Ranks and weights
// are not read. False, with the results untouched, where rating_check refuses the teams.

// Each team's chance to be first by the model of `options`, summing to 1. Outcomes are measured against the
// same chances, so they come true in the long run. Show this one to people.
__attribute__((warn_unused_result)) bool forecast_first(const struct rating_options *options,
                                                        struct rating_team *teams, uint32_t count,
                                                        double *chances);

// Openskill's chance to be first, summing to 1. It always uses the normal curve, so it is bolder than the
// logistic models. With three teams and more it is the mean over all pairs, each pair with the performance
// noise of the whole field (openskill.js; openskill.py takes two performances' noise for any number).
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
