#ifndef AI_STATISTICS_SCALER_H
#define AI_STATISTICS_SCALER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Standardises rows of features: (x - mean) / sd, with a mean and a population standard deviation that are
// fitted once and stored. Never refit on rows to be classified: a single row would become all zeros. Pure;
// rows are row-major.

enum { SCALER_MAX_COLUMNS = 16 };

struct scaler {
    uint32_t columns;
    double mean[SCALER_MAX_COLUMNS], sd[SCALER_MAX_COLUMNS]; // sd is 1 for a constant column
};

// False, with `scaler` untouched, for no rows, too many columns or a number that is not finite.
__attribute__((warn_unused_result)) bool scaler_fit(struct scaler *scaler, const double *rows, size_t count,
                                                    uint32_t columns);
void scaler_apply(const struct scaler *scaler, const double *row, double *standardised);

#endif
