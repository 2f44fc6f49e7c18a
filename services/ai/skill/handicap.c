#include "services/ai/skill/handicap.h"

#include <math.h>

#include "services/ai/skill/forecast.h"

enum { BELIEFS = 2 }; // a side's and its deck's, the last members of a team

const struct rating handicap_prior = {0, 25.0 / 3};

struct lineup {
    double average; // mu of this game's players, taken off each so that only differences count, however many
                    // they are
    struct rating members[HANDICAP_MAX_PLAYERS + BELIEFS * HANDICAP_MAX_SIDES];
    struct rating_team teams[HANDICAP_MAX_SIDES];
};

static bool handicap_fits(const struct handicap_side *sides, uint32_t count)
{
    if (count > HANDICAP_MAX_SIDES) return false;
    uint32_t room = HANDICAP_MAX_PLAYERS;
    for (uint32_t i = 0; i < count; i++) {
        if (sides[i].size == 0 || sides[i].size > room) return false;
        room -= sides[i].size;
    }
    return true;
}

static double average_mu(const struct handicap_side *sides, uint32_t count)
{
    double sum = 0, players = 0;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < sides[i].size; k++) sum += sides[i].players[k].mu;
        players += sides[i].size;
    }
    return sum / players;
}

static bool line_up(const struct handicap_side *sides, uint32_t count, struct lineup *lineup)
{
    if (!handicap_fits(sides, count)) return false;
    lineup->average = average_mu(sides, count);
    struct rating *next = lineup->members;
    for (uint32_t i = 0; i < count; i++) {
        const struct handicap_side *side = &sides[i];
        lineup->teams[i] = (struct rating_team){next, .size = side->size + BELIEFS};
        for (uint32_t k = 0; k < side->size; k++, next++) {
            *next = side->players[k];
            next->mu -= lineup->average;
        }
        *next++ = *side->side;
        *next++ = *side->deck;
    }
    return rating_check(lineup->teams, count);
}

bool handicap_forecast(const struct rating_options *options, const struct handicap_side *sides,
                       uint32_t count, double *chances)
{
    struct lineup lineup;
    return line_up(sides, count, &lineup) && forecast_first(options, lineup.teams, count, chances);
}

// ---- What a game says

struct strength {
    double mu, variance;
};

static void add_team(const struct rating_options *options, const struct rating_team *team,
                     struct strength *sum)
{
    for (uint32_t i = 0; i < team->size; i++) {
        const struct rating *member = &team->players[i];
        sum->mu += member->mu;
        sum->variance += member->sigma * member->sigma + options->tau * options->tau;
    }
}

// One team of the winners, and one of each other side: its strength. False when nobody lost, or won.
static bool measure_sides(const struct rating_options *options, const struct handicap_side *sides,
                          const struct lineup *lineup, uint32_t count, struct strength *strengths)
{
    struct strength winners = {0, 0};
    uint32_t won = 0;
    for (uint32_t i = 0; i < count; i++) {
        strengths[i] = (struct strength){0, 0};
        add_team(options, &lineup->teams[i], sides[i].won ? &winners : &strengths[i]);
        won += sides[i].won;
    }
    for (uint32_t i = 0; i < count; i++)
        if (sides[i].won) strengths[i] = winners;
    return won > 0 && won < count;
}

// Winners stand for one draw of the lottery. Only ratios count, so the strongest gets 1.
static void handicap_say(const struct rating_options *options, const struct handicap_side *sides,
                         const struct strength *strengths, uint32_t count, struct handicap_said *said)
{
    double c_squared = 0, best = -INFINITY, sum = 0;
    bool counted = false;
    for (uint32_t i = 0; i < count; i++) {
        best = fmax(best, strengths[i].mu);
        if (!(sides[i].won && counted)) c_squared += strengths[i].variance + options->beta * options->beta;
        counted |= sides[i].won;
    }
    counted = false;
    for (uint32_t i = 0; i < count; i++) {
        said[i].scale = sqrt(c_squared);
        said[i].deviation = sqrt(strengths[i].variance);
        said[i].expected = exp(fmax((strengths[i].mu - best) / said[i].scale, -300));
        if (!(sides[i].won && counted)) sum += said[i].expected;
        counted |= sides[i].won;
    }
    for (uint32_t i = 0; i < count; i++) said[i].expected /= sum;
}

struct rating handicap_move(const struct rating_options *options, struct rating member,
                            const struct handicap_said *said, bool won)
{
    double variance = member.sigma * member.sigma + options->tau * options->tau;
    double share = variance / (said->scale * said->scale) * (said->deviation / said->scale);
    double delta = share * said->expected * (1 - said->expected);
    double sigma = sqrt(variance * fmax(1 - delta, options->kappa));
    return (struct rating){member.mu + variance / said->scale * ((won ? 1 : 0) - said->expected),
                           options->limit_sigma ? fmin(sigma, member.sigma) : sigma};
}

static void move_side(const struct rating_options *options, struct handicap_side *side,
                      const struct handicap_said *said)
{
    for (uint32_t k = 0; k < side->size; k++)
        side->players[k] = handicap_move(options, side->players[k], said, side->won);
    *side->side = handicap_move(options, *side->side, said, side->won);
    *side->deck = handicap_move(options, *side->deck, said, side->won);
}

bool handicap_update(const struct rating_options *options, struct handicap_side *sides, uint32_t count,
                     struct handicap_said *said)
{
    struct lineup lineup;
    struct strength strengths[HANDICAP_MAX_SIDES];
    if (!line_up(sides, count, &lineup) || !measure_sides(options, sides, &lineup, count, strengths))
        return false;
    handicap_say(options, sides, strengths, count, said);
    for (uint32_t i = 0; i < count; i++) move_side(options, &sides[i], &said[i]);
    return true;
}
