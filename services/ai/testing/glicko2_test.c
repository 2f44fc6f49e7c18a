#include <math.h>

#include "services/ai/testing/glicko2.h"
#include "tests/test.h"

static void assert_near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance)) fail_msg("%.12g is not %.12g", actual, expected);
}

// The worked example of the paper; it prints 1464.06, 151.52 and 0.05999 after rounding on the way.
static void papers_example(void **state)
{
    (void)state;
    const struct glicko2_result results[] = {{1400, 30, 1}, {1550, 100, 0}, {1700, 300, 0}};
    struct glicko2_rating player = {1500, 200, 0.06};
    assert_true(glicko2_update(&player, results, 3, 0.5));
    assert_near(player.rating, 1464.06, 0.011);
    assert_near(player.deviation, 151.52, 0.005);
    assert_near(player.volatility, 0.05999, 0.00001);
}

static void a_period_without_games_only_adds_doubt(void **state)
{
    (void)state;
    struct glicko2_rating player = {1500, 200, 0.06}, newcomer = glicko2_newcomer;
    assert_true(glicko2_update(&player, NULL, 0, 0.5));
    assert_near(player.rating, 1500, 0);
    assert_near(player.deviation, 200.2714, 0.0001);
    assert_near(player.volatility, 0.06, 0);
    assert_true(glicko2_update(&newcomer, NULL, 0, 0.5));
    assert_near(newcomer.deviation, 350, 0);
}

// The root of step 5 was found by bisection.
static void surprises_raise_the_volatility(void **state)
{
    (void)state;
    const struct glicko2_result upset[] = {{2300, 30, 1}, {2300, 30, 1}, {2300, 30, 1}};
    struct glicko2_rating player = {1500, 50, 0.06};
    assert_true(glicko2_update(&player, upset, 3, 1.2));
    assert_near(player.volatility, 0.0606934558440, 1e-12);
    assert_true(player.rating > 1500);
}

static void expectation_is_symmetric(void **state)
{
    (void)state;
    struct glicko2_rating a = {1700, 60, 0.06}, b = {1500, 200, 0.06};
    assert_near(glicko2_expected(&a, &b) + glicko2_expected(&b, &a), 1, 1e-15);
    assert_true(glicko2_expected(&a, &b) > 0.6);
    assert_near(glicko2_expected(&a, &a), 0.5, 0);
}

static double between(unsigned *seed, double low, double high)
{
    return low + (high - low) * rand_r(seed) / RAND_MAX;
}

static void any_sane_period_gives_finite_numbers(void **state)
{
    (void)state;
    unsigned seed = 3;
    for (int round = 0; round < 100000; round++) {
        struct glicko2_result results[8];
        size_t count = rand_r(&seed) % 9;
        for (size_t i = 0; i < count; i++)
            results[i] = (struct glicko2_result){between(&seed, -1e5, 1e5), between(&seed, 1, 1e4),
                                                 (rand_r(&seed) % 3) / 2.0};
        struct glicko2_rating player = {between(&seed, -1e5, 1e5), between(&seed, 1, 400),
                                        between(&seed, 0.01, 2)};
        assert_true(glicko2_update(&player, results, count, between(&seed, 0.2, 1.5)));
        assert_true(isfinite(player.rating));
        assert_true(player.deviation > 0 && player.deviation <= 350);
        assert_true(player.volatility > 0 && isfinite(player.volatility));
    }
}

static void bad_numbers_change_nothing(void **state)
{
    (void)state;
    const struct glicko2_result bad[] = {{NAN, 30, 1}, {1500, 0, 1}, {1500, 30, 1.5}, {1500, 30, -0.1}};
    struct glicko2_rating player = {1500, 200, 0.06};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(glicko2_update(&player, &bad[i], 1, 0.5));
    assert_false(glicko2_update(&player, NULL, 0, 0));
    assert_near(player.deviation, 200, 0);
    struct glicko2_rating broken = {1500, 200, 0};
    assert_false(glicko2_update(&broken, NULL, 0, 0.5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(papers_example),
        cmocka_unit_test(a_period_without_games_only_adds_doubt),
        cmocka_unit_test(surprises_raise_the_volatility),
        cmocka_unit_test(expectation_is_symmetric),
        cmocka_unit_test(any_sane_period_gives_finite_numbers),
        cmocka_unit_test(bad_numbers_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
