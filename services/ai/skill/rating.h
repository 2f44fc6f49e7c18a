#ifndef AI_RATING_H
#define AI_RATING_H

#include <stdbool.h>
#include <stdint.h>

// Skill ratings of players in teams: Weng and Lin, "A Bayesian Approximation Method for Online Ranking", JMLR
// 12 (2011), with the constants of the openskill projects (tests/engines/README.md says where those two
// differ). A skill is a normal belief, a team's strength the sum of its players'. Pure and reentrant; every
// array is the caller's, nothing is kept.

enum rating_model {
    RATING_PLACKETT_LUCE, // one ranking of all teams; O(teams log teams) when they come in order of rank
    RATING_BRADLEY_TERRY, // every pair of teams, logistic; O(teams^2)
    RATING_THURSTONE_MOSTELLER, // every pair of teams, normal with a draw margin; O(teams^2)
};

struct rating {
    double mu, sigma; // mean and standard deviation of the belief, in skill points
};

struct rating_options {
    enum rating_model model;
    struct rating prior; // a newcomer's
    double beta;         // standard deviation of one player's performance around the skill
    double kappa;        // the least share of a variance that one game leaves
    double tau;          // uncertainty that every game adds to sigma, in skill points
    double epsilon;      // draw margin of Thurstone-Mosteller, in skill points
    double idle_tau;     // uncertainty that one idle day adds to sigma, in skill points
    bool limit_sigma;    // no game raises a sigma
};

// Openskill's constants (prior 25 and 25/3, beta 25/6, kappa 1e-4, tau 25/300, epsilon 0.1) and an idle_tau
// that brings a sigma of 2 back to the prior's in two years.
#define RATING_DEFAULTS                                                                                      \
    .model = RATING_PLACKETT_LUCE, .prior = {25.0, 25.0 / 3}, .beta = 25.0 / 6, .kappa = 1e-4,               \
    .tau = 25.0 / 300, .epsilon = 0.1, .idle_tau = 0.3
extern const struct rating_options rating_defaults;

struct rating_team {
    struct rating *players; // `size` of them, updated in place
    const double *weights;  // each player's share in the outcome, > 0; NULL: all 1
    uint32_t size;          // >= 1
    double rank;            // place in the outcome: smaller is better, equal is a tie
    struct {
        double mu, variance, deviation, strength, remaining, omega, delta;
        uint32_t order;
    } work; // scratch of the functions below
};

// The rating and forecasting functions return false and change nothing unless there are at least two teams,
// each with a player, and every number is finite: |mu| <= 1e6, 0 < sigma <= 1e6, 1e-3 <= weight <= 1e3.
__attribute__((warn_unused_result)) bool rating_update(const struct rating_options *options,
                                                       struct rating_team *teams, uint32_t count);
__attribute__((warn_unused_result)) bool rating_check(const struct rating_team *teams, uint32_t count);

// Ranks from points, where more is better.
void rating_rank_by_score(struct rating_team *teams, const double *scores, uint32_t count);

// Scales one team's weights linearly to low..high; equal ones all become low, a single one becomes high.
void rating_scale_weights(double *weights, uint32_t count, double low, double high);

// The belief after some days without a game: the variance grows by idle_tau^2 a day, up to the prior's.
struct rating rating_after_idle(const struct rating_options *options, struct rating rating, double days);

// The skill that the player has with high probability, for leaderboards: mu - 3 sigma.
double rating_ordinal(struct rating rating);

#endif
