#include "services/ai/matching/teams.h"

#include <assert.h>
#include <stdbool.h>

struct roster {
    double strength; // sum of ratings over the average
    uint32_t size, left;
};

// The one with the larger part of its seats free, so that all fill up together; of equals, the weaker.
static bool picks_before(const struct roster *a, const struct roster *b)
{
    uint32_t free_a = a->left * b->size, free_b = b->left * a->size;
    return free_a > free_b || (free_a == free_b && a->strength < b->strength);
}

static uint32_t next_to_pick(const struct roster *rosters, uint32_t teams)
{
    uint32_t next = 0;
    for (uint32_t i = 1; i < teams; i++)
        if (picks_before(&rosters[i], &rosters[next])) next = i;
    return next;
}

static uint32_t strongest_left(const double *mu, uint32_t players, const bool *dealt)
{
    uint32_t strongest = players;
    for (uint32_t i = 0; i < players; i++)
        if (!dealt[i] && (strongest == players || mu[i] > mu[strongest])) strongest = i;
    return strongest;
}

void teams_balance(const double *mu, uint32_t players, const uint32_t *sizes, uint32_t teams, uint32_t *team)
{
    assert(teams <= TEAMS_MAX && players <= TEAMS_MAX_PLAYERS);
    struct roster rosters[TEAMS_MAX] = {{0}};
    bool dealt[TEAMS_MAX_PLAYERS] = {false};
    double average = 0;
    for (uint32_t i = 0; i < players; i++) average += mu[i] / players;
    for (uint32_t i = 0; i < teams; i++) rosters[i] = (struct roster){0, sizes[i], sizes[i]};
    for (uint32_t i = 0; i < players; i++) {
        uint32_t next = strongest_left(mu, players, dealt), to = next_to_pick(rosters, teams);
        dealt[next] = true;
        team[next] = to;
        rosters[to].strength += mu[next] - average;
        rosters[to].left--;
    }
}
