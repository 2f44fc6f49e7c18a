#include "services/ai/standings/classes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_BYTES = COINS_FEATURES * sizeof(double), CENTROIDS = COINS_CLASSES * COINS_FEATURES };

void classes_finish(struct classes *classes)
{
    free(classes->rows);
    *classes = (struct classes){.count = 0};
}

// ---- Marks

bool classes_note(struct classes *classes, const double *marks, size_t count)
{
    if (count != COINS_FEATURES) return false;
    for (size_t i = 0; i < count; i++)
        if (!(marks[i] >= 5 && marks[i] <= 15)) return false;
    if (!classes->rows && !(classes->rows = calloc(CLASSES_ROWS, ROW_BYTES))) return false;
    size_t place = (classes->first + classes->count) % CLASSES_ROWS;
    if (classes->count == CLASSES_ROWS)
        classes->first = (classes->first + 1) % CLASSES_ROWS;
    else
        classes->count++;
    memcpy(classes->rows + place * COINS_FEATURES, marks, ROW_BYTES);
    return true;
}

const double *classes_row(const struct classes *classes, size_t place)
{
    return classes->rows + (classes->first + place) % CLASSES_ROWS * COINS_FEATURES;
}

// ---- Models

Standings__ModelFitted *classes_stored(const struct coins_model *model, struct arena *arena)
{
    Standings__ModelFitted *stored = arena_new(arena, Standings__ModelFitted);
    if (!stored) return NULL;
    standings__model_fitted__init(stored);
    stored->mean = arena_copy(arena, model->scaler.mean, ROW_BYTES);
    stored->sd = arena_copy(arena, model->scaler.sd, ROW_BYTES);
    stored->centroids = arena_copy(arena, model->centroids, sizeof model->centroids);
    if (arena->failed) return NULL;
    stored->n_mean = stored->n_sd = COINS_FEATURES;
    stored->n_centroids = CENTROIDS;
    return stored;
}

Standings__ModelFitted *classes_fit(const struct classes *classes, struct arena *arena)
{
    struct coins_model model;
    struct coins_features *rows = arena_array(arena, classes->count + 1, sizeof *rows);
    double *scratch = arena_array(arena, classes->count + 1, ROW_BYTES);
    struct kmeans *fitter = kmeans_create(classes->count, COINS_FEATURES, COINS_CLASSES);
    bool ok = rows && scratch && fitter;
    for (size_t i = 0; ok && i < classes->count; i++)
        memcpy(rows[i].marks, classes_row(classes, i), ROW_BYTES);
    ok = ok && coins_fit(&model, rows, classes->count, fitter, scratch);
    kmeans_destroy(fitter);
    Standings__ModelFitted *fitted = ok ? classes_stored(&model, arena) : NULL;
    if (!fitted) return NULL;
    fitted->version = classes->version + 1;
    fitted->count = (uint32_t)classes->count;
    return fitted;
}

static bool are_finite(const double *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(numbers[i])) return false;
    return true;
}

bool classes_set(struct classes *classes, const Standings__ModelFitted *fitted)
{
    bool whole = fitted->n_mean == COINS_FEATURES && fitted->n_sd == COINS_FEATURES &&
                 fitted->n_centroids == CENTROIDS && are_finite(fitted->mean, COINS_FEATURES) &&
                 are_finite(fitted->sd, COINS_FEATURES) && are_finite(fitted->centroids, CENTROIDS);
    if (!whole || !fitted->version) return false;
    classes->model.scaler.columns = COINS_FEATURES;
    memcpy(classes->model.scaler.mean, fitted->mean, ROW_BYTES);
    memcpy(classes->model.scaler.sd, fitted->sd, ROW_BYTES);
    memcpy(classes->model.centroids, fitted->centroids, sizeof classes->model.centroids);
    classes->version = fitted->version;
    classes->fitted = fitted->count;
    return true;
}

// ---- Coins

bool classes_reward(const struct classes *classes, Standings__Game__Player *player, struct arena *arena)
{
    const Standings__Game__Part *stored = player->part;
    const struct coins_part part = {.phases = stored->phases,
                                    .phases_present = stored->phases_present,
                                    .acts_offered = stored->acts_offered,
                                    .acts_done = stored->acts_done,
                                    .silenced = stored->silenced,
                                    .disabled = stored->disabled,
                                    .kicked = stored->kicked,
                                    .score = stored->score > UINT8_MAX ? UINT8_MAX : (uint8_t)stored->score};
    const struct coins_features features = coins_measure(&part);
    const uint32_t class = classes->version ? coins_classify(&classes->model, &features) : COINS_CLASSES - 1;
    player->marks = arena_copy(arena, features.marks, sizeof features.marks);
    player->n_marks = player->marks ? COINS_FEATURES : 0;
    player->class_ = class + 1;
    player->coins = coins_award(&features, class);
    return player->marks;
}
