#include "services/ai/skill/handicap.h"

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
        lineup->teams[i] = (struct rating_team){next, .size = side->size + BELIEFS, .rank = side->rank};
        for (uint32_t k = 0; k < side->size; k++, next++) {
            *next = side->players[k];
            next->mu -= lineup->average;
        }
        *next++ = *side->side;
        *next++ = *side->deck;
    }
    return true;
}

static void take_back(struct handicap_side *side, const struct rating *members, double average)
{
    for (uint32_t k = 0; k < side->size; k++) {
        side->players[k] = members[k];
        side->players[k].mu += average;
    }
    *side->side = members[side->size];
    *side->deck = members[side->size + 1];
}

bool handicap_update(const struct rating_options *options, struct handicap_side *sides, uint32_t count)
{
    struct lineup lineup;
    if (!line_up(sides, count, &lineup)) return false;
    if (!rating_update(options, lineup.teams, count)) return false;
    for (uint32_t i = 0; i < count; i++) take_back(&sides[i], lineup.teams[i].players, lineup.average);
    return true;
}

bool handicap_forecast(const struct rating_options *options, const struct handicap_side *sides,
                       uint32_t count, double *chances)
{
    struct lineup lineup;
    if (!line_up(sides, count, &lineup)) return false;
    return forecast_first(options, lineup.teams, count, chances);
}
