#include <math.h>

#include "services/ai/statistics/scaler.h"
#include "tests/test.h"

static const double rows[] = {1, 7, 2, 7, 6, 7, 7, 7};

static void columns_get_mean_zero_and_variance_one(void **state)
{
    (void)state;
    struct scaler scaler;
    double sum = 0, squares = 0, out[2];
    assert_true(scaler_fit(&scaler, rows, 4, 2));
    for (int i = 0; i < 4; i++) {
        scaler_apply(&scaler, &rows[2 * i], out);
        sum += out[0];
        squares += out[0] * out[0];
    }
    assert_true(fabs(sum) < 1e-12);
    assert_true(fabs(squares / 4 - 1) < 1e-12);
}

static void a_constant_column_becomes_zero(void **state)
{
    (void)state;
    struct scaler scaler;
    double out[2];
    assert_true(scaler_fit(&scaler, rows, 4, 2));
    scaler_apply(&scaler, rows, out);
    assert_true(scaler.sd[1] == 1 && out[1] == 0);
}

static void bad_input_leaves_the_scaler_alone(void **state)
{
    (void)state;
    struct scaler scaler = {.columns = 9};
    const double broken[] = {1, INFINITY};
    assert_false(scaler_fit(&scaler, rows, 0, 2));
    assert_false(scaler_fit(&scaler, rows, 4, 0));
    assert_false(scaler_fit(&scaler, rows, 1, SCALER_MAX_COLUMNS + 1));
    assert_false(scaler_fit(&scaler, broken, 2, 1));
    assert_int_equal(scaler.columns, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_get_mean_zero_and_variance_one),
        cmocka_unit_test(a_constant_column_becomes_zero),
        cmocka_unit_test(bad_input_leaves_the_scaler_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
