#include <math.h>

#include "services/ai/coins/coins.h"
#include "services/ai/statistics/mlp.h"
#include "services/ai/statistics/pca.h"
#include "tests/test.h"

enum { MOST_ROWS = 12000, AXES = 2 };

struct table {
    struct coins_features rows[MOST_ROWS];
    uint32_t labels[MOST_ROWS]; // A is 0
    size_t count;
};

static struct table labelled, classified;
static double flat[MOST_ROWS * COINS_FEATURES], plane[MOST_ROWS * AXES];

static void assert_near(double actual, double expected, double tolerance)
{
    if (!(fabs(actual - expected) <= tolerance)) fail_msg("%.12g is not %.12g", actual, expected);
}

static void read_table(const char *path, struct table *table)
{
    FILE *file = fopen(path, "r");
    if (!file) fail_msg("cannot open %s: run the tests from the project's folder", path);
    char line[128];
    assert_non_null(fgets(line, sizeof line, file));
    for (table->count = 0; table->count < MOST_ROWS && fgets(line, sizeof line, file); table->count++) {
        double *marks = table->rows[table->count].marks;
        char letter;
        int fields =
            sscanf(line, "%*d,%lf,%lf,%lf,%lf,%c", &marks[0], &marks[1], &marks[2], &marks[3], &letter);
        assert_int_equal(fields, 5);
        table->labels[table->count] = (uint32_t)(letter - 'A');
    }
    fclose(file);
}

static size_t read_weights(double *weights, size_t room)
{
    FILE *file = fopen("tests/fixtures/coins/classifier.weights.txt", "r");
    assert_non_null(file);
    char line[128];
    size_t count = 0;
    while (count < room && fgets(line, sizeof line, file))
        if (line[0] != '#') weights[count++] = strtod(line, NULL);
    fclose(file);
    return count;
}

static int read_fixtures(void **state)
{
    (void)state;
    read_table("tests/fixtures/coins/labelled.csv", &labelled);
    read_table("tests/fixtures/coins/classified.csv", &classified);
    return labelled.count == 12000 && classified.count == 300 ? 0 : -1;
}

static void standardise(const struct table *table, const struct scaler *scaler)
{
    for (size_t i = 0; i < table->count; i++)
        scaler_apply(scaler, table->rows[i].marks, &flat[i * COINS_FEATURES]);
}

static struct scaler scaler_of(const struct table *table)
{
    struct scaler scaler;
    assert_true(scaler_fit(&scaler, table->rows->marks, table->count, COINS_FEATURES));
    return scaler;
}

static struct pca project_labelled(void)
{
    struct scaler scaler = scaler_of(&labelled);
    struct pca pca;
    standardise(&labelled, &scaler);
    assert_true(pca_fit(&pca, flat, labelled.count, COINS_FEATURES));
    for (size_t i = 0; i < labelled.count; i++)
        pca_project(&pca, &flat[i * COINS_FEATURES], AXES, &plane[i * AXES]);
    return pca;
}

static void means_and_deviations_are_the_published_ones(void **state)
{
    (void)state;
    const double mean[] = {10.020917, 9.981978, 10.018252, 10.024454};
    const double sd[] = {3.165277, 2.883096, 2.895097, 2.889235};
    struct scaler scaler = scaler_of(&labelled);
    for (int i = 0; i < COINS_FEATURES; i++) {
        assert_near(scaler.mean[i], mean[i], 5e-7);
        assert_near(scaler.sd[i], sd[i], 5e-7);
    }
}

static void explained_variances_are_the_published_ones(void **state)
{
    (void)state;
    struct pca pca = project_labelled();
    assert_near(pca.explained[0], 0.2559428057, 5e-11);
    assert_near(pca.explained[1], 0.2520389333, 5e-11);
}

static void principal_axes_are_the_published_ones(void **state)
{
    (void)state;
    const double axes[AXES][COINS_FEATURES] = {{-0.455048, -0.494235, 0.516376, 0.531054},
                                               {0.575099, -0.458936, 0.517184, -0.437218}};
    struct pca pca = project_labelled();
    for (int axis = 0; axis < AXES; axis++)
        for (int i = 0; i < COINS_FEATURES; i++) assert_near(pca.components[axis][i], axes[axis][i], 1e-6);
}

static void kmeans_is_at_least_as_tight_as_the_published_labels(void **state)
{
    (void)state;
    const struct kmeans_options options = {.seed = 10, .restarts = 40, .rounds = 300};
    double centroids[COINS_CLASSES * AXES], inertia;
    struct kmeans *kmeans = kmeans_create(labelled.count, AXES, COINS_CLASSES);
    project_labelled();
    assert_true(kmeans_fit(kmeans, plane, labelled.count, &options, centroids, &inertia));
    kmeans_destroy(kmeans);
    if (!(inertia <= 5425)) fail_msg("inertia %.2f", inertia);
    assert_true(inertia > 5400);
}

static uint32_t answers_that_agree(const struct scaler *scaler, const struct mlp *mlp)
{
    uint32_t agree = 0;
    for (size_t i = 0; i < classified.count; i++) {
        double input[COINS_FEATURES], probabilities[COINS_CLASSES], sum = 0;
        scaler_apply(scaler, classified.rows[i].marks, input);
        agree += mlp_classify(mlp, input, probabilities) == classified.labels[i];
        for (int k = 0; k < COINS_CLASSES; k++) sum += probabilities[k];
        assert_near(sum, 1, 1e-12);
    }
    return agree;
}

static void stored_weights_classify_all_300(void **state)
{
    (void)state;
    double weights[183];
    struct mlp mlp = {COINS_FEATURES, 16, COINS_CLASSES, weights};
    assert_true(mlp_check(&mlp));
    assert_int_equal(mlp_weights(&mlp), 182);
    assert_int_equal(read_weights(weights, 183), 182);
    struct scaler of_the_batch = scaler_of(&classified);
    assert_int_equal(answers_that_agree(&of_the_batch, &mlp), 300);
}

// The published answers were standardised over their batch, which gives one user alone always the same class.
// With the stored mean and deviation a single row is judged like any other, and the answers hardly change.
static void a_stored_scaler_judges_single_rows(void **state)
{
    (void)state;
    double weights[183];
    struct mlp mlp = {COINS_FEATURES, 16, COINS_CLASSES, weights};
    read_weights(weights, 183);
    struct scaler stored = scaler_of(&labelled);
    assert_true(answers_that_agree(&stored, &mlp) >= 285);
}

static struct coins_model fitted_model(void)
{
    struct coins_model model;
    struct kmeans *fitter = kmeans_create(labelled.count, COINS_FEATURES, COINS_CLASSES);
    assert_true(coins_fit(&model, labelled.rows, labelled.count, fitter, flat));
    kmeans_destroy(fitter);
    return model;
}

static void classes_fall_from_a_to_f(void **state)
{
    (void)state;
    struct coins_model model = fitted_model();
    double sums[COINS_CLASSES] = {0};
    size_t sizes[COINS_CLASSES] = {0};
    for (size_t i = 0; i < labelled.count; i++) {
        uint32_t class = coins_classify(&model, &labelled.rows[i]);
        for (int k = 0; k < COINS_FEATURES; k++) sums[class] += labelled.rows[i].marks[k];
        sizes[class]++;
    }
    for (int class = 1; class < COINS_CLASSES; class ++)
        assert_true(sums[class] / (double)sizes[class] < sums[class - 1] / (double)sizes[class - 1]);
    assert_true(sums[0] / (double)sizes[0] - sums[5] / (double)sizes[5] > 5);
}

static void the_same_past_gives_the_same_model(void **state)
{
    (void)state;
    struct coins_model one = fitted_model(), other = fitted_model();
    assert_memory_equal(one.centroids, other.centroids, sizeof one.centroids);
}

static void marks_follow_the_part_played(void **state)
{
    (void)state;
    const struct coins_part present = {
        .phases = 8, .phases_present = 6, .acts_offered = 5, .acts_done = 1, .silenced = 1, .score = 255};
    struct coins_features features = coins_measure(&present);
    assert_near(features.marks[0], 12.5, 1e-12);
    assert_near(features.marks[1], 7, 1e-12);
    assert_near(features.marks[2], 13, 1e-12);
    assert_near(features.marks[3], 15, 1e-12);
    const struct coins_part absent = {0}, kicked = {.kicked = true, .disabled = 3},
                            eager = {.acts_offered = 1, .acts_done = 9};
    assert_near(coins_measure(&absent).marks[0], 5, 0);
    assert_near(coins_measure(&absent).marks[1], 10, 0);
    assert_near(coins_measure(&kicked).marks[2], 5, 0);
    assert_near(coins_measure(&eager).marks[1], 15, 0);
}

static void awards_follow_the_formula(void **state)
{
    (void)state;
    const struct coins_features least = {{5, 5, 5, 5}}, most = {{15, 15, 15, 15}},
                                odd = {{5.5, 6.3, 7, 9.13}};
    const struct coins_features none = {{0, 0, 0, 0}}, broken = {{NAN, 0, 0, 0}};
    assert_int_equal(coins_award(&least, 5), 100);
    assert_int_equal(coins_award(&least, 0), 150);
    assert_int_equal(coins_award(&most, 0), 450);
    assert_int_equal(coins_award(&most, 1), 390);
    assert_int_equal(coins_award(&most, 2), 345);
    assert_int_equal(coins_award(&most, 3), 300);
    assert_int_equal(coins_award(&odd, 4), 140);
    assert_int_equal(coins_award(&odd, 1), 182);
    assert_int_equal(coins_award(&odd, 77), 140);
    assert_int_equal(coins_award(&none, 0), 100);
    assert_int_equal(coins_award(&broken, 0), 100);
}

static void too_little_or_wrong_past_fits_nothing(void **state)
{
    (void)state;
    struct coins_model model;
    struct kmeans *fitter = kmeans_create(100, COINS_FEATURES, COINS_CLASSES);
    struct coins_features past[6];
    memcpy(past, labelled.rows, sizeof past);
    assert_false(coins_fit(&model, past, 0, fitter, flat));
    assert_false(coins_fit(&model, past, 5, fitter, flat));
    assert_false(coins_fit(&model, labelled.rows, 101, fitter, flat));
    assert_true(coins_fit(&model, past, 6, fitter, flat));
    past[3].marks[2] = 15.01;
    assert_false(coins_fit(&model, past, 6, fitter, flat));
    past[3].marks[2] = NAN;
    assert_false(coins_fit(&model, past, 6, fitter, flat));
    kmeans_destroy(fitter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_and_deviations_are_the_published_ones),
        cmocka_unit_test(explained_variances_are_the_published_ones),
        cmocka_unit_test(principal_axes_are_the_published_ones),
        cmocka_unit_test(kmeans_is_at_least_as_tight_as_the_published_labels),
        cmocka_unit_test(stored_weights_classify_all_300),
        cmocka_unit_test(a_stored_scaler_judges_single_rows),
        cmocka_unit_test(classes_fall_from_a_to_f),
        cmocka_unit_test(the_same_past_gives_the_same_model),
        cmocka_unit_test(marks_follow_the_part_played),
        cmocka_unit_test(awards_follow_the_formula),
        cmocka_unit_test(too_little_or_wrong_past_fits_nothing),
    };
    return cmocka_run_group_tests(tests, read_fixtures, NULL);
}
