#ifndef AI_STATISTICS_NORMAL_H
#define AI_STATISTICS_NORMAL_H

// The standard normal distribution. Pure; the cumulative function keeps its relative precision in the lower
// tail.

double normal_density(double x);
double normal_cumulative(double x);

// The x with normal_cumulative(x) == p; -INFINITY at 0, INFINITY at 1, NaN outside.
double normal_quantile(double p);

#endif
