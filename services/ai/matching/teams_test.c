#include <math.h>

#include "services/ai/matching/teams.h"
#include "tests/test.h"

static void strong_players_are_spread(void **state)
{
    (void)state;
    const double mu[] = {40, 39, 20, 19};
    const uint32_t sizes[] = {2, 2};
    uint32_t team[4];
    teams_balance(mu, 4, sizes, 2, team);
    assert_int_not_equal(team[0], team[1]);
    assert_int_equal(team[0], team[3]);
    assert_int_equal(team[1], team[2]);
}

// Whatever the ratings: every seat is filled, and teams of one size end no further apart than the best player
// from the worst.
static void random_games_fill_every_team(void **state)
{
    (void)state;
    unsigned seed = 4;
    for (int round = 0; round < 5000; round++) {
        uint32_t sizes[TEAMS_MAX], teams = 1 + rand_r(&seed) % TEAMS_MAX, players = 0,
                                   team[TEAMS_MAX_PLAYERS];
        uint32_t filled[TEAMS_MAX] = {0}, same = rand_r(&seed) % 2 ? 1 + rand_r(&seed) % 8 : 0;
        double mu[TEAMS_MAX_PLAYERS], sums[TEAMS_MAX] = {0}, best = 0, worst = 100;
        for (uint32_t i = 0; i < teams; i++)
            players += sizes[i] = same ? same : 1 + (uint32_t)rand_r(&seed) % 8;
        for (uint32_t i = 0; i < players; i++) mu[i] = rand_r(&seed) % 50;
        teams_balance(mu, players, sizes, teams, team);
        for (uint32_t i = 0; i < players; i++) {
            filled[team[i]]++;
            sums[team[i]] += mu[i];
            best = fmax(best, mu[i]);
            worst = fmin(worst, mu[i]);
        }
        for (uint32_t i = 0; i < teams; i++) {
            assert_int_equal(filled[i], sizes[i]);
            if (same) assert_true(fabs(sums[i] - sums[0]) <= best - worst + 1e-9);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strong_players_are_spread),
        cmocka_unit_test(random_games_fill_every_team),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
