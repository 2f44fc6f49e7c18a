#include "services/ai/statistics/normal.h"

#include <math.h>

double normal_density(double x)
{
    const double one_over_sqrt_2pi = 0.39894228040143267794;
    return one_over_sqrt_2pi * exp(-0.5 * x * x);
}

double normal_cumulative(double x) { return 0.5 * erfc(-x * M_SQRT1_2); }

// Abramowitz and Stegun 26.2.23 for 0 < p <= 1/2: absolute error under 4.5e-4.
static double lower_quantile_guess(double p)
{
    double t = sqrt(-2 * log(p));
    double numerator = 2.515517 + t * (0.802853 + t * 0.010328);
    double denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    return numerator / denominator - t;
}

double normal_quantile(double p)
{
    if (!(p >= 0 && p <= 1)) return NAN;
    if (p == 0 || p == 1) return p == 0 ? -INFINITY : INFINITY;
    if (p > 0.5) return -normal_quantile(1 - p);

    double x = lower_quantile_guess(p);
    // Halley's step triples the correct digits: 4, 12, then all.
    for (int step = 0; step < 3; step++) {
        double newton = (normal_cumulative(x) - p) / normal_density(x);
        x -= newton / (1 + 0.5 * x * newton);
    }
    return x;
}
