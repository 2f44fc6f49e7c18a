#include <math.h>

#include "services/ai/statistics/pca.h"
#include "tests/test.h"

enum { MOST_ROWS = 200 };

static void assert_near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance)) fail_msg("%.12g is not %.12g", actual, expected);
}

static void a_line_has_one_component(void **state)
{
    (void)state;
    const double rows[] = {0, 0, 3, 4, 6, 8, -3, -4};
    struct pca pca;
    double along;
    assert_true(pca_fit(&pca, rows, 4, 2));
    assert_near(pca.explained[0], 1, 1e-15);
    assert_near(pca.components[0][0], 0.6, 1e-15);
    assert_near(pca.components[0][1], 0.8, 1e-15);
    pca_project(&pca, &rows[4], 1, &along);
    assert_near(along, 7.5, 1e-12);
}

static double dot(const double *a, const double *b, uint32_t size)
{
    double sum = 0;
    for (uint32_t i = 0; i < size; i++) sum += a[i] * b[i];
    return sum;
}

static double variance_along(const struct pca *pca, const double *rows, size_t count, uint32_t axis)
{
    double sum = 0, place[PCA_MAX_COLUMNS];
    for (size_t i = 0; i < count; i++) {
        pca_project(pca, rows + i * pca->columns, axis + 1, place);
        sum += place[axis] * place[axis];
    }
    return sum;
}

static double largest_entry(const double *vector, uint32_t size)
{
    double largest = 0;
    for (uint32_t i = 0; i < size; i++)
        if (fabs(vector[i]) > fabs(largest)) largest = vector[i];
    return largest;
}

// For any cloud: the axes are orthonormal, their shares fall and sum to 1, and each share is the variance
// found when the rows are projected.
static void axes_of_random_clouds(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (int round = 0; round < 500; round++) {
        uint32_t columns = 1 + rand_r(&seed) % PCA_MAX_COLUMNS;
        size_t count = 2 + rand_r(&seed) % (MOST_ROWS - 1);
        double rows[MOST_ROWS * PCA_MAX_COLUMNS], sum = 0, total = 0;
        struct pca pca;
        for (size_t i = 0; i < count * columns; i++)
            rows[i] = rand_r(&seed) % 1000 * pow(10, (double)(i % columns) / 4);
        assert_true(pca_fit(&pca, rows, count, columns));
        for (uint32_t a = 0; a < columns; a++) total += variance_along(&pca, rows, count, a);
        for (uint32_t a = 0; a < columns; a++) {
            for (uint32_t b = 0; b <= a; b++)
                assert_near(dot(pca.components[a], pca.components[b], columns), a == b, 1e-12);
            assert_true(a == 0 || pca.explained[a] <= pca.explained[a - 1]);
            assert_near(variance_along(&pca, rows, count, a) / total, pca.explained[a], 1e-9);
            assert_true(largest_entry(pca.components[a], columns) > 0);
            sum += pca.explained[a];
        }
        assert_near(sum, 1, 1e-12);
    }
}

static void nothing_to_explain_is_refused(void **state)
{
    (void)state;
    const double same[] = {2, 3, 2, 3}, broken[] = {1, NAN, 3, 4};
    struct pca pca = {.columns = 9};
    assert_false(pca_fit(&pca, same, 2, 2));
    assert_false(pca_fit(&pca, broken, 2, 2));
    assert_false(pca_fit(&pca, same, 0, 2));
    assert_false(pca_fit(&pca, same, 2, 0));
    assert_false(pca_fit(&pca, same, 1, PCA_MAX_COLUMNS + 1));
    assert_int_equal(pca.columns, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_one_component),
        cmocka_unit_test(axes_of_random_clouds),
        cmocka_unit_test(nothing_to_explain_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
