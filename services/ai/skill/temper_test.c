#include "services/ai/skill/temper.h"

#include <math.h>

#include "services/ai/skill/handicap.h"
#include "tests/test.h"

enum { PLAYERS = 200, SEATS = 10, WOLVES = 3, SEEDS = 5, GAMES = 80000, SETTLED = 8000, BINS = 10 };

// A town where skill is spread, and three wolves meet seven citizens.
struct town {
    double skill[PLAYERS];
    struct rating players[PLAYERS], sides[2], decks[2];
    struct rating_options options;
    double slope;
    unsigned short seed[3];
};

struct bins {
    double foretold[BINS], won[BINS];
    unsigned count[BINS];
};

static double drawn(struct town *town)
{
    double a = erand48(town->seed) + 1e-12, b = erand48(town->seed);
    return 4 * sqrt(-2 * log(a)) * cos(2 * M_PI * b);
}

static void town_init(struct town *town, unsigned short seed)
{
    *town = (struct town){.options = rating_defaults, .slope = temper_slope_at_first, .seed = {seed, 2, 3}};
    town->options.limit_sigma = true;
    for (int i = 0; i < PLAYERS; i++) {
        town->players[i] = town->options.prior;
        town->skill[i] = drawn(town);
    }
    for (int i = 0; i < 2; i++) town->sides[i] = town->decks[i] = handicap_prior;
}

static void sit_down(struct town *town, int *seats)
{
    bool taken[PLAYERS] = {false};
    for (int i = 0; i < SEATS; i++) {
        do seats[i] = (int)(erand48(town->seed) * PLAYERS);
        while (taken[seats[i]]);
        taken[seats[i]] = true;
    }
}

static bool wolves_win(struct town *town, const int *seats)
{
    double average = 0, ahead = -3;
    for (int i = 0; i < SEATS; i++) average += town->skill[seats[i]] / SEATS;
    for (int i = 0; i < SEATS; i++) ahead += (i < WOLVES ? 1 : -1) * (town->skill[seats[i]] - average);
    return erand48(town->seed) < 1 / (1 + exp(-ahead / (M_SQRT2 * town->options.beta)));
}

static void note_chance(struct bins *bins, double chance, bool won)
{
    int at = chance < 1 ? (int)(chance * BINS) : BINS - 1;
    bins->foretold[at] += chance;
    bins->won[at] += won;
    bins->count[at]++;
}

static void play(struct town *town, int game, struct bins *bins)
{
    int seats[SEATS];
    struct rating dealt[SEATS];
    double chances[2], tempered[2];
    struct handicap_said said[2];
    sit_down(town, seats);
    for (int i = 0; i < SEATS; i++) dealt[i] = town->players[seats[i]];
    bool won = wolves_win(town, seats);
    struct handicap_side sides[] = {{dealt, &town->sides[0], &town->decks[0], WOLVES, won},
                                    {dealt + WOLVES, &town->sides[1], &town->decks[1], SEATS - WOLVES, !won}};
    assert_true(handicap_forecast(&town->options, sides, 2, chances));
    memcpy(tempered, chances, sizeof chances);
    temper_chances(tempered, 2, town->slope);
    if (game >= SETTLED) note_chance(bins, tempered[0], won), note_chance(bins, tempered[1], !won);
    town->slope = temper_learn(town->slope, chances, 2, won ? 0 : 1, (uint64_t)game);
    assert_true(handicap_update(&town->options, sides, 2, said));
    for (int i = 0; i < SEATS; i++) town->players[seats[i]] = dealt[i];
}

static void what_is_foretold_comes_true(void **state)
{
    (void)state;
    static struct bins bins;
    for (int seed = 1; seed <= SEEDS; seed++) {
        struct town town;
        town_init(&town, (unsigned short)seed);
        for (int game = 0; game < GAMES; game++) play(&town, game, &bins);
    }
    for (int i = 0; i < BINS; i++) {
        double foretold = bins.foretold[i] / bins.count[i], won = bins.won[i] / bins.count[i];
        if (bins.count[i] < 10000) fail_msg("%u chances of tenth %d", bins.count[i], i);
        if (fabs(foretold - won) > 0.02) fail_msg("%.3f foretold, %.3f won", foretold, won);
    }
}

static void chances_stay_chances(void **state)
{
    (void)state;
    double chances[] = {0.7, 0.2, 0.1, 0};
    temper_chances(chances, 4, 0.5);
    assert_true(fabs(chances[0] + chances[1] + chances[2] + chances[3] - 1) < 1e-12);
    assert_true(chances[0] < 0.7 && chances[0] > chances[1] && chances[3] > 0);
}

static void a_slope_stays_within_bounds(void **state)
{
    (void)state;
    const double chances[] = {1 - 1e-15, 1e-15};
    double slope = temper_slope_at_first;
    for (int i = 0; i < 1000; i++) slope = temper_learn(slope, chances, 2, 1, 0);
    assert_true(slope == 0.2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_foretold_comes_true),
        cmocka_unit_test(chances_stay_chances),
        cmocka_unit_test(a_slope_stays_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
