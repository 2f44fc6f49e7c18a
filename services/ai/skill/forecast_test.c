#include <math.h>

#include "services/ai/skill/forecast.h"
#include "tests/test.h"

enum { MOST = 10 };

static void assert_near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance)) fail_msg("%.12g is not %.12g", actual, expected);
}

static void duel_is_the_normal_curve_of_the_difference(void **state)
{
    (void)state;
    struct rating a = {31, 3}, b = {25, 4};
    struct rating_team teams[] = {{&a, .size = 1}, {&b, .size = 1}};
    double chances[2], draw, beta = rating_defaults.beta;
    assert_true(forecast_win(&rating_defaults, teams, 2, chances));
    assert_near(chances[0], 0.5 * erfc(-6 / sqrt(2 * beta * beta + 25) / M_SQRT2), 1e-15);
    assert_near(chances[0] + chances[1], 1, 1e-15);
    assert_true(forecast_draw(&rating_defaults, teams, 2, &draw));
    assert_true(draw > 0 && draw < 1);
}

static void random_teams(struct rating_team *teams, struct rating *players, uint32_t count, unsigned *seed)
{
    for (uint32_t i = 0; i < count; i++) {
        players[i] = (struct rating){rand_r(seed) % 50, 1 + rand_r(seed) % 8};
        teams[i] = (struct rating_team){&players[i], .size = 1};
    }
}

static void chances_sum_to_one_and_follow_strength(void **state)
{
    (void)state;
    unsigned seed = 9;
    for (int round = 0; round < 2000; round++) {
        struct rating players[MOST];
        struct rating_team teams[MOST];
        uint32_t count = 2 + rand_r(&seed) % (MOST - 1), places[MOST];
        double chances[MOST], sum = 0;
        random_teams(teams, players, count, &seed);
        assert_true(forecast_rank(&rating_defaults, teams, count, chances, places));
        for (uint32_t i = 0; i < count; i++) {
            sum += chances[i];
            for (uint32_t q = 0; q < count; q++)
                assert_int_equal(chances[i] > chances[q], places[i] < places[q]);
        }
        assert_near(sum, 1, 1e-12);
    }
}

// Two teams: the very chance the update of each model compares the result with.
static void first_is_the_models_own_chance(void **state)
{
    (void)state;
    struct rating a = {31, 3}, b = {25, 4};
    struct rating_team teams[] = {{&a, .size = 1}, {&b, .size = 1}};
    double x = 6 / sqrt(2 * rating_defaults.beta * rating_defaults.beta + 25), chances[2];
    const double expected[] = {1 / (1 + exp(-x)), 1 / (1 + exp(-x)), 0.5 * erfc(-x / M_SQRT2)};
    for (int model = 0; model < 3; model++) {
        struct rating_options options = rating_defaults;
        options.model = model;
        assert_true(forecast_first(&options, teams, 2, chances));
        assert_near(chances[0], expected[model], 1e-15);
        assert_near(chances[1], 1 - expected[model], 1e-15);
    }
}

static void first_sums_to_one_in_every_model(void **state)
{
    (void)state;
    unsigned seed = 10;
    for (int round = 0; round < 3000; round++) {
        struct rating players[MOST];
        struct rating_team teams[MOST];
        struct rating_options options = rating_defaults;
        uint32_t count = 2 + rand_r(&seed) % (MOST - 1);
        double chances[MOST], sum = 0;
        options.model = round % 3;
        random_teams(teams, players, count, &seed);
        assert_true(forecast_first(&options, teams, count, chances));
        for (uint32_t i = 0; i < count; i++) sum += chances[i];
        assert_near(sum, 1, 1e-12);
    }
}

static void equals_share_a_place(void **state)
{
    (void)state;
    struct rating players[] = {{25, 8}, {30, 8}, {25, 8}};
    struct rating_team teams[3];
    for (int i = 0; i < 3; i++) teams[i] = (struct rating_team){&players[i], .size = 1};
    double chances[3];
    uint32_t places[3];
    assert_true(forecast_rank(&rating_defaults, teams, 3, chances, places));
    assert_int_equal(places[0], 2);
    assert_int_equal(places[1], 1);
    assert_int_equal(places[2], 2);
}

static void closer_games_draw_more(void **state)
{
    (void)state;
    double last = 1;
    for (int gap = 0; gap < 40; gap += 4) {
        struct rating a = {25 + gap, 2}, b = {25, 2};
        struct rating_team teams[] = {{&a, .size = 1}, {&b, .size = 1}};
        double draw;
        assert_true(forecast_draw(&rating_defaults, teams, 2, &draw));
        assert_true(draw < last);
        last = draw;
    }
}

static void a_lone_team_has_no_forecast(void **state)
{
    (void)state;
    struct rating a = {25, 8};
    struct rating_team team = {&a, .size = 1};
    double chance = -1;
    uint32_t place = 7;
    assert_false(forecast_first(&rating_defaults, &team, 1, &chance));
    assert_false(forecast_win(&rating_defaults, &team, 1, &chance));
    assert_false(forecast_rank(&rating_defaults, &team, 1, &chance, &place));
    assert_false(forecast_draw(&rating_defaults, &team, 1, &chance));
    assert_near(chance, -1, 0);
    assert_int_equal(place, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duel_is_the_normal_curve_of_the_difference),
        cmocka_unit_test(chances_sum_to_one_and_follow_strength),
        cmocka_unit_test(first_is_the_models_own_chance),
        cmocka_unit_test(first_sums_to_one_in_every_model),
        cmocka_unit_test(equals_share_a_place),
        cmocka_unit_test(closer_games_draw_more),
        cmocka_unit_test(a_lone_team_has_no_forecast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
