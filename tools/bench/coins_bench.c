#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "services/ai/coins/coins.h"
#include "services/ai/statistics/mlp.h"

// Processor time of fitting the classes to 12000 players, and players classified and paid per second by the
// centroids and by the perceptron's shape.

enum { PLAYERS = 12000, HIDDEN = 16 };

static struct coins_features players[PLAYERS];
static double scratch[PLAYERS * COINS_FEATURES];

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static struct coins_model bench_fit(void)
{
    struct coins_model model;
    struct kmeans *fitter = kmeans_create(PLAYERS, COINS_FEATURES, COINS_CLASSES);
    double start = cpu_seconds();
    if (!fitter || !coins_fit(&model, players, PLAYERS, fitter, scratch)) abort();
    printf("coins fit of %d players   %8.0f ms\n", PLAYERS, 1e3 * (cpu_seconds() - start));
    kmeans_destroy(fitter);
    return model;
}

static void coins_pay(const struct coins_model *model)
{
    uint64_t coins = 0, paid = 0;
    double start = cpu_seconds(), spent;
    do {
        for (int i = 0; i < PLAYERS; i++)
            coins += coins_award(&players[i], coins_classify(model, &players[i]));
        paid += PLAYERS;
        spent = cpu_seconds() - start;
    } while (spent < 1);
    printf("coins classify and award %8.2f M players/s (mean %.0f coins)\n", paid / spent / 1e6,
           (double)coins / paid);
}

static void bench_classify(const struct coins_model *model, unsigned short *seed)
{
    double weights[HIDDEN * (COINS_FEATURES + 1) + COINS_CLASSES * (HIDDEN + 1)];
    struct mlp mlp = {COINS_FEATURES, HIDDEN, COINS_CLASSES, weights};
    uint64_t done = 0, classes = 0;
    for (uint32_t i = 0; i < mlp_weights(&mlp); i++) weights[i] = erand48(seed) - 0.5;
    double start = cpu_seconds(), spent;
    do {
        for (int i = 0; i < PLAYERS; i++) {
            double input[COINS_FEATURES], probabilities[COINS_CLASSES];
            scaler_apply(&model->scaler, players[i].marks, input);
            classes += mlp_classify(&mlp, input, probabilities);
        }
        done += PLAYERS;
        spent = cpu_seconds() - start;
    } while (spent < 1);
    printf("mlp 4-16-6 forward       %8.2f M players/s (mean class %.1f)\n", done / spent / 1e6,
           (double)classes / done);
}

int main(void)
{
    unsigned short seed[3] = {1, 2, 3};
    for (int i = 0; i < PLAYERS; i++)
        for (int k = 0; k < COINS_FEATURES; k++) players[i].marks[k] = 5 + 10 * erand48(seed);
    struct coins_model model = bench_fit();
    coins_pay(&model);
    bench_classify(&model, seed);
    return 0;
}
