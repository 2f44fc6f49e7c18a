#include "services/ai/skill/forecast.h"

#include <math.h>

#include "services/ai/statistics/normal.h"

static void sum_teams(struct rating_team *teams, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        teams[i].work.mu = teams[i].work.variance = 0;
        for (uint32_t k = 0; k < teams[i].size; k++) {
            teams[i].work.mu += teams[i].players[k].mu;
            teams[i].work.variance += teams[i].players[k].sigma * teams[i].players[k].sigma;
        }
    }
}

static double pair_deviation(const struct rating_team *a, const struct rating_team *b, double noise)
{
    return sqrt(noise + a->work.variance + b->work.variance);
}

static double model_pair_chance(const struct rating_options *options, const struct rating_team *a,
                                const struct rating_team *b)
{
    double x = (a->work.mu - b->work.mu) / pair_deviation(a, b, 2 * options->beta * options->beta);
    return options->model == RATING_THURSTONE_MOSTELLER ? normal_cumulative(x) : 1 / (1 + exp(-x));
}

static void first_of_pairs(const struct rating_options *options, const struct rating_team *teams,
                           uint32_t count, double *chances)
{
    double pairs = 0.5 * count * (count - 1.0);
    for (uint32_t i = 0; i < count; i++) {
        chances[i] = 0;
        for (uint32_t q = 0; q < count; q++)
            if (q != i) chances[i] += model_pair_chance(options, &teams[i], &teams[q]) / pairs;
    }
}

static void first_of_draw(const struct rating_options *options, const struct rating_team *teams,
                          uint32_t count, double *chances)
{
    double c_squared = 0, best = -INFINITY, sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        c_squared += teams[i].work.variance + options->beta * options->beta;
        best = fmax(best, teams[i].work.mu);
    }
    for (uint32_t i = 0; i < count; i++) sum += chances[i] = exp((teams[i].work.mu - best) / sqrt(c_squared));
    for (uint32_t i = 0; i < count; i++) chances[i] /= sum;
}

bool forecast_first(const struct rating_options *options, struct rating_team *teams, uint32_t count,
                    double *chances)
{
    if (!rating_check(teams, count)) return false;
    sum_teams(teams, count);
    if (options->model == RATING_PLACKETT_LUCE)
        first_of_draw(options, teams, count, chances);
    else
        first_of_pairs(options, teams, count, chances);
    return true;
}

bool forecast_win(const struct rating_options *options, struct rating_team *teams, uint32_t count,
                  double *chances)
{
    if (!rating_check(teams, count)) return false;
    sum_teams(teams, count);
    double noise = count * options->beta * options->beta, pairs = 0.5 * count * (count - 1.0);
    for (uint32_t i = 0; i < count; i++) chances[i] = 0;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t q = i + 1; q < count; q++) {
            double difference = teams[i].work.mu - teams[q].work.mu;
            double chance = normal_cumulative(difference / pair_deviation(&teams[i], &teams[q], noise));
            chances[i] += chance / pairs;
            chances[q] += (1 - chance) / pairs;
        }
    }
    return true;
}

bool forecast_rank(const struct rating_options *options, struct rating_team *teams, uint32_t count,
                   double *chances, uint32_t *places)
{
    if (!forecast_win(options, teams, count, chances)) return false;
    for (uint32_t i = 0; i < count; i++) {
        places[i] = 1;
        for (uint32_t q = 0; q < count; q++) places[i] += chances[q] > chances[i];
    }
    return true;
}

static double pair_draw(const struct rating_team *a, const struct rating_team *b, double noise, double margin)
{
    double deviation = pair_deviation(a, b, noise), difference = a->work.mu - b->work.mu;
    return normal_cumulative((margin - difference) / deviation) -
           normal_cumulative((-margin - difference) / deviation);
}

bool forecast_draw(const struct rating_options *options, struct rating_team *teams, uint32_t count,
                   double *chance)
{
    if (!rating_check(teams, count)) return false;
    sum_teams(teams, count);
    double players = 0, total = 0;
    for (uint32_t i = 0; i < count; i++) players += teams[i].size;
    double margin = sqrt(players) * options->beta * normal_quantile((1 + 1 / players) / 2);
    double noise = players * options->beta * options->beta;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t q = i + 1; q < count; q++) total += pair_draw(&teams[i], &teams[q], noise, margin);
    *chance = total / (0.5 * count * (count - 1.0));
    return true;
}
