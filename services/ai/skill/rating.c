#include "services/ai/skill/rating.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

#include "services/ai/statistics/normal.h"

const struct rating_options rating_defaults = {RATING_DEFAULTS};

static bool player_is_sane(const struct rating *player)
{
    const double most = 1e6;
    return fabs(player->mu) <= most && player->sigma > 0 && player->sigma <= most;
}

static bool team_is_sane(const struct rating_team *team)
{
    if (team->size == 0 || isnan(team->rank)) return false;
    for (uint32_t i = 0; i < team->size; i++) {
        if (!player_is_sane(&team->players[i])) return false;
        if (team->weights && !(team->weights[i] >= 1e-3 && team->weights[i] <= 1e3)) return false;
    }
    return true;
}

bool rating_check(const struct rating_team *teams, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!team_is_sane(&teams[i])) return false;
    return count >= 2;
}

void rating_rank_by_score(struct rating_team *teams, const double *scores, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) teams[i].rank = -scores[i];
}

void rating_scale_weights(double *weights, uint32_t count, double low, double high)
{
    double least = INFINITY, most = -INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        least = fmin(least, weights[i]);
        most = fmax(most, weights[i]);
    }
    for (uint32_t i = 0; i < count; i++)
        weights[i] = most > least ? low + (weights[i] - least) / (most - least) * (high - low) : low;
    if (count == 1) weights[0] = high;
}

struct rating rating_after_idle(const struct rating_options *options, struct rating rating, double days)
{
    double most = fmax(options->prior.sigma, rating.sigma);
    double grown = sqrt(rating.sigma * rating.sigma + options->idle_tau * options->idle_tau * fmax(days, 0));
    return (struct rating){rating.mu, fmin(grown, most)};
}

double rating_ordinal(struct rating rating) { return rating.mu - 3 * rating.sigma; }

static double variance_before_game(const struct rating_options *options, const struct rating *player)
{
    return player->sigma * player->sigma + options->tau * options->tau;
}

static void sum_team(const struct rating_options *options, struct rating_team *team)
{
    team->work.mu = team->work.variance = team->work.omega = team->work.delta = 0;
    for (uint32_t i = 0; i < team->size; i++) {
        team->work.mu += team->players[i].mu;
        team->work.variance += variance_before_game(options, &team->players[i]);
    }
    team->work.deviation = sqrt(team->work.variance);
}

// Insertion, stable: games are nearly sorted or small.
static void order_by_rank(struct rating_team *teams, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = i;
        for (; place > 0 && teams[teams[place - 1].work.order].rank > teams[i].rank; place--)
            teams[place].work.order = teams[place - 1].work.order;
        teams[place].work.order = i;
    }
}

static struct rating_team *rating_placed(struct rating_team *teams, uint32_t place)
{
    return &teams[teams[place].work.order];
}

static uint32_t tie_end(struct rating_team *teams, uint32_t place, uint32_t count)
{
    double rank = rating_placed(teams, place)->rank;
    while (place < count && rating_placed(teams, place)->rank == rank) place++;
    return place;
}

// Each team's weight in the lottery of places; returns the lottery's scale c. Only ratios count,
// so the strongest gets 1, and a floor keeps the quotients finite for absurd differences.
static double weigh_strengths(const struct rating_options *options, struct rating_team *teams, uint32_t count)
{
    double c_squared = 0, best = -INFINITY;
    for (uint32_t i = 0; i < count; i++) {
        c_squared += teams[i].work.variance + options->beta * options->beta;
        best = fmax(best, teams[i].work.mu);
    }
    double c = sqrt(c_squared);
    for (uint32_t i = 0; i < count; i++)
        teams[i].work.strength = exp(fmax((teams[i].work.mu - best) / c, -300));
    return c;
}

// A team takes part in every draw until its own place is drawn, each time among the teams not placed better.
// The sums over those draws run along the places: one of 1/remaining and one of its square.
static void plackett_luce(const struct rating_options *options, struct rating_team *teams, uint32_t count)
{
    double c = weigh_strengths(options, teams, count);
    order_by_rank(teams, count);
    double remaining = 0;
    for (uint32_t place = count; place-- > 0;) {
        remaining += rating_placed(teams, place)->work.strength;
        rating_placed(teams, place)->work.remaining = remaining;
    }

    double draws = 0, draws_squared = 0;
    for (uint32_t place = 0, end; place < count; place = end) {
        end = tie_end(teams, place, count);
        double chance = 1 / rating_placed(teams, place)->work.remaining, tied = end - place;
        draws += chance;
        draws_squared += chance * chance;
        for (uint32_t i = place; i < end; i++) {
            struct rating_team *team = rating_placed(teams, i);
            double strength = team->work.strength, step = team->work.variance / c,
                   gamma = team->work.deviation / c;
            team->work.omega = step * (1 / tied - strength * draws);
            team->work.delta = step / c * gamma * strength * (draws - strength * draws_squared);
        }
    }
}

// The effect of one pair's outcome, before it is scaled by each team's variance; from the view of the winner
// or, in a tie, of the first.
struct pair_step {
    double omega, delta;
};

static struct pair_step bradley_terry_step(double difference, bool tie)
{
    double chance = 1 / (1 + exp(-difference));
    return (struct pair_step){(tie ? 0.5 : 1) - chance, chance * (1 - chance)};
}

// With openskill's rounding: beyond five deviations 1 + erf(x) keeps few digits where erfc(-x) would keep
// all, but a rating that everyone can recompute is worth more here.
static double rating_cumulative(double x) { return 0.5 * (1 + erf(x / M_SQRT2)); }

// V and W of the paper, and their limits where the probability vanishes.
static struct pair_step win_step(double difference, double margin)
{
    double x = difference - margin, chance = rating_cumulative(x);
    if (chance < DBL_EPSILON) return (struct pair_step){-x, difference < 0 ? 1 : 0};
    double v = normal_density(x) / chance;
    return (struct pair_step){v, v * (v + x)};
}

// V~ and W~ of the paper for a tie.
static struct pair_step tie_step(double difference, double margin)
{
    double x = fabs(difference), upper = margin - x, lower = -margin - x;
    double chance = rating_cumulative(upper) - rating_cumulative(lower);
    double v = chance < 1e-5 ? upper : (normal_density(lower) - normal_density(upper)) / chance;
    double w = 1;
    if (chance >= DBL_EPSILON)
        w = (upper * normal_density(upper) - lower * normal_density(lower)) / chance + v * v;
    return (struct pair_step){difference < 0 ? -v : v, w};
}

static void move_by_pair(struct rating_team *team, double c, struct pair_step step)
{
    double scale = team->work.variance / c;
    team->work.omega += scale * step.omega;
    team->work.delta += team->work.deviation / c * scale / c * step.delta;
}

static void compare_pair(const struct rating_options *options, struct rating_team *better,
                         struct rating_team *worse)
{
    double beta_squared = options->beta * options->beta;
    double c = sqrt(better->work.variance + worse->work.variance + 2 * beta_squared);
    double difference = (better->work.mu - worse->work.mu) / c, margin = options->epsilon / c;
    bool tie = better->rank == worse->rank;
    struct pair_step step;
    if (options->model == RATING_BRADLEY_TERRY)
        step = bradley_terry_step(difference, tie);
    else
        step = tie ? tie_step(difference, margin) : win_step(difference, margin);

    move_by_pair(better, c, step);
    move_by_pair(worse, c, (struct pair_step){-step.omega, step.delta});
}

static void compare_pairs(const struct rating_options *options, struct rating_team *teams, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t q = i + 1; q < count; q++) {
            bool in_order = teams[i].rank <= teams[q].rank;
            compare_pair(options, &teams[in_order ? i : q], &teams[in_order ? q : i]);
        }
    }
}

// A heavy weight takes more of a gain and less of a loss.
static void settle_team(const struct rating_options *options, struct rating_team *team)
{
    for (uint32_t i = 0; i < team->size; i++) {
        struct rating *player = &team->players[i];
        double variance = variance_before_game(options, player), share = variance / team->work.variance;
        if (team->weights)
            share = team->work.omega >= 0 ? share * team->weights[i] : share / team->weights[i];
        player->mu += share * team->work.omega;
        double sigma = sqrt(variance * fmax(1 - share * team->work.delta, options->kappa));
        player->sigma = options->limit_sigma ? fmin(sigma, player->sigma) : sigma;
    }
}

bool rating_update(const struct rating_options *options, struct rating_team *teams, uint32_t count)
{
    if (!rating_check(teams, count)) return false;
    for (uint32_t i = 0; i < count; i++) sum_team(options, &teams[i]);
    if (options->model == RATING_PLACKETT_LUCE)
        plackett_luce(options, teams, count);
    else
        compare_pairs(options, teams, count);
    for (uint32_t i = 0; i < count; i++) settle_team(options, &teams[i]);
    return true;
}
