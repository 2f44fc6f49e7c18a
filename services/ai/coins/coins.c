#include "services/ai/coins/coins.h"

#include <math.h>
#include <string.h>

static const double least_mark = 5, most_mark = 15;

static double mark_of_share(uint32_t part, uint32_t whole)
{
    double share = part < whole ? (double)part / whole : 1;
    return least_mark + share * (most_mark - least_mark);
}

static double coins_discipline(const struct coins_part *part)
{
    double lost = 10.0 * part->kicked + 4.0 * part->disabled + 2.0 * part->silenced;
    return fmax(most_mark - lost, least_mark);
}

struct coins_features coins_measure(const struct coins_part *part)
{
    return (struct coins_features){{
        part->phases ? mark_of_share(part->phases_present, part->phases) : least_mark,
        part->acts_offered ? mark_of_share(part->acts_done, part->acts_offered)
                           : (least_mark + most_mark) / 2,
        coins_discipline(part),
        mark_of_share(part->score, UINT8_MAX),
    }};
}

static double sum_of_marks(const double *marks)
{
    double sum = 0;
    for (int i = 0; i < COINS_FEATURES; i++) sum += marks[i];
    return sum;
}

static bool in_range(const struct coins_features *features)
{
    for (int i = 0; i < COINS_FEATURES; i++)
        if (!(features->marks[i] >= least_mark && features->marks[i] <= most_mark)) return false;
    return true;
}

// A cluster's mean sum is its centroid's sum of marks, back on the scale of 5..15.
static double mean_sum(const struct scaler *scaler, const double *centroid)
{
    double marks[COINS_FEATURES];
    for (int i = 0; i < COINS_FEATURES; i++) marks[i] = scaler->mean[i] + scaler->sd[i] * centroid[i];
    return sum_of_marks(marks);
}

static void rank_classes(struct coins_model *model)
{
    for (int i = 1; i < COINS_CLASSES; i++) {
        double moved[COINS_FEATURES];
        memcpy(moved, model->centroids[i], sizeof moved);
        int place = i;
        for (; place > 0 &&
               mean_sum(&model->scaler, model->centroids[place - 1]) < mean_sum(&model->scaler, moved);
             place--)
            memcpy(model->centroids[place], model->centroids[place - 1], sizeof moved);
        memcpy(model->centroids[place], moved, sizeof moved);
    }
}

bool coins_fit(struct coins_model *model, const struct coins_features *past, size_t count,
               struct kmeans *fitter, double *scratch)
{
    const struct kmeans_options options = {.seed = 10, .restarts = 10, .rounds = 300};
    struct coins_model fitted;
    double inertia;
    for (size_t i = 0; i < count; i++)
        if (!in_range(&past[i])) return false;
    if (count == 0 || !scaler_fit(&fitted.scaler, past->marks, count, COINS_FEATURES)) return false;
    for (size_t i = 0; i < count; i++)
        scaler_apply(&fitted.scaler, past[i].marks, scratch + i * COINS_FEATURES);
    if (!kmeans_fit(fitter, scratch, count, &options, fitted.centroids[0], &inertia)) return false;
    rank_classes(&fitted);
    *model = fitted;
    return true;
}

uint32_t coins_classify(const struct coins_model *model, const struct coins_features *features)
{
    double standardised[SCALER_MAX_COLUMNS];
    scaler_apply(&model->scaler, features->marks, standardised);
    return kmeans_nearest(model->centroids[0], COINS_CLASSES, COINS_FEATURES, standardised);
}

uint32_t coins_percent(uint32_t class)
{
    static const uint32_t percent[COINS_CLASSES] = {150, 130, 115, 100, 100, 100};
    return percent[class < COINS_CLASSES ? class : COINS_CLASSES - 1];
}

uint64_t coins_award(const struct coins_features *features, uint32_t class)
{
    double base = round(5 * sum_of_marks(features->marks));
    if (!(base >= COINS_FLOOR)) return COINS_FLOOR;
    base = fmin(base, 5 * COINS_FEATURES * most_mark);
    return ((uint64_t)base * coins_percent(class) + 50) / 100;
}
