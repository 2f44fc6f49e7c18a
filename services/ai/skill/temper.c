#include "services/ai/skill/temper.h"

#include <math.h>

const double temper_slope_at_first = 0.75;

static double slope_within(double slope) { return fmin(fmax(slope, 0.2), 2); }

// Of a chance that is no more than rounding, as if it were a little more.
static double log_chance(double chance) { return log(fmax(chance, 1e-12)); }

void temper_chances(double *chances, uint32_t count, double slope)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += chances[i] = exp(slope * log_chance(chances[i]));
    for (uint32_t i = 0; i < count; i++) chances[i] /= sum;
}

double temper_learn(double slope, const double *chances, uint32_t count, uint32_t winner, uint64_t games)
{
    double sum = 0, mean = 0, step = fmax(1.0 / (50.0 + (double)games), 5e-4);
    for (uint32_t i = 0; i < count; i++) sum += exp(slope * log_chance(chances[i]));
    for (uint32_t i = 0; i < count; i++)
        mean += exp(slope * log_chance(chances[i])) / sum * log_chance(chances[i]);
    return slope_within(slope + step * (log_chance(chances[winner]) - mean));
}
