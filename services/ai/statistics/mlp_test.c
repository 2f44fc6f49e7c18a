#include <math.h>

#include "services/ai/statistics/mlp.h"
#include "tests/test.h"

// Two hidden units, the positive parts of x and -x; the outputs tell positive from negative.
static const double sign_weights[] = {1, -1, 0, 0, 1, -1, -1, 1, 0, 0};
static const struct mlp sign = {1, 2, 2, sign_weights};

static void the_layers_are_where_the_header_says(void **state)
{
    (void)state;
    double probabilities[2], plus = 3, minus = -3, zero = 0;
    assert_int_equal(mlp_weights(&sign), 10);
    assert_int_equal(mlp_classify(&sign, &plus, probabilities), 0);
    assert_true(fabs(probabilities[0] - 1 / (1 + exp(-6))) < 1e-15);
    assert_int_equal(mlp_classify(&sign, &minus, probabilities), 1);
    assert_int_equal(mlp_classify(&sign, &zero, probabilities), 0);
    assert_true(probabilities[0] == 0.5);
}

static void large_inputs_do_not_overflow(void **state)
{
    (void)state;
    double probabilities[2], huge = 1e300;
    assert_int_equal(mlp_classify(&sign, &huge, probabilities), 0);
    assert_true(probabilities[0] == 1 && probabilities[1] == 0);
}

static void probabilities_of_random_nets_sum_to_one(void **state)
{
    (void)state;
    unsigned seed = 2;
    for (int round = 0; round < 2000; round++) {
        double weights[MLP_MAX_HIDDEN * 6 + 9 * (MLP_MAX_HIDDEN + 1)], input[5], probabilities[9], sum = 0;
        struct mlp mlp = {1 + rand_r(&seed) % 5, 1 + rand_r(&seed) % MLP_MAX_HIDDEN, 1 + rand_r(&seed) % 9,
                          weights};
        assert_true(mlp_check(&mlp));
        for (uint32_t i = 0; i < mlp_weights(&mlp); i++) weights[i] = rand_r(&seed) % 200 / 50.0 - 2;
        for (uint32_t i = 0; i < mlp.inputs; i++) input[i] = rand_r(&seed) % 100 / 10.0 - 5;
        uint32_t best = mlp_classify(&mlp, input, probabilities);
        for (uint32_t i = 0; i < mlp.outputs; i++) {
            assert_true(probabilities[i] <= probabilities[best]);
            sum += probabilities[i];
        }
        assert_true(fabs(sum - 1) < 1e-12);
    }
}

static void shapes_without_units_or_too_wide_are_refused(void **state)
{
    (void)state;
    const struct mlp bad[] = {
        {0, 1, 1, NULL}, {1, 0, 1, NULL}, {1, 1, 0, NULL}, {1, MLP_MAX_HIDDEN + 1, 1, NULL}};
    for (int i = 0; i < 4; i++) assert_false(mlp_check(&bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_layers_are_where_the_header_says),
        cmocka_unit_test(large_inputs_do_not_overflow),
        cmocka_unit_test(probabilities_of_random_nets_sum_to_one),
        cmocka_unit_test(shapes_without_units_or_too_wide_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
