#include <math.h>

#include "services/ai/statistics/normal.h"
#include "tests/test.h"

static void assert_near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance)) fail_msg("%.17g is not %.17g", actual, expected);
}

static void known_points(void **state)
{
    (void)state;
    assert_near(normal_cumulative(0), 0.5, 0);
    assert_near(normal_cumulative(1.96), 0.97500210485177952, 1e-15);
    assert_near(normal_density(0), 0.3989422804014327, 1e-16);
    assert_near(normal_quantile(0.975), 1.9599639845400545, 1e-14);
    assert_near(normal_quantile(0.75), 0.67448975019608171, 1e-15);
}

static void the_lower_tail_keeps_its_digits(void **state)
{
    (void)state;
    double expected = 7.6198530241605269e-24;
    assert_near(normal_cumulative(-10), expected, 1e-12 * expected);
    assert_near(normal_quantile(expected), -10, 1e-12);
}

static void quantile_inverts_cumulative(void **state)
{
    (void)state;
    for (int i = 0; i < 3000; i++) {
        double p = 1e-12 + i / 3000.0;
        double back = normal_cumulative(normal_quantile(p));
        assert_near(back, p, 1e-14);
    }
}

static void edges(void **state)
{
    (void)state;
    assert_true(normal_quantile(0) == -INFINITY && normal_quantile(1) == INFINITY);
    assert_true(isnan(normal_quantile(-0.1)) && isnan(normal_quantile(1.1)) && isnan(normal_quantile(NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_points),
        cmocka_unit_test(the_lower_tail_keeps_its_digits),
        cmocka_unit_test(quantile_inverts_cumulative),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
