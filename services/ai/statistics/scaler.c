#include "services/ai/statistics/scaler.h"

#include <math.h>

static double column_mean(const double *column, size_t count, uint32_t stride)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += column[i * stride];
    return sum / (double)count;
}

static double column_sd(const double *column, size_t count, uint32_t stride, double mean)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++) squares += (column[i * stride] - mean) * (column[i * stride] - mean);
    double sd = sqrt(squares / (double)count);
    return sd > 0 ? sd : 1;
}

bool scaler_fit(struct scaler *scaler, const double *rows, size_t count, uint32_t columns)
{
    if (count == 0 || columns == 0 || columns > SCALER_MAX_COLUMNS) return false;
    struct scaler fitted = {.columns = columns};
    for (uint32_t c = 0; c < columns; c++) {
        fitted.mean[c] = column_mean(rows + c, count, columns);
        fitted.sd[c] = column_sd(rows + c, count, columns, fitted.mean[c]);
        if (!isfinite(fitted.mean[c]) || !isfinite(fitted.sd[c])) return false;
    }
    *scaler = fitted;
    return true;
}

void scaler_apply(const struct scaler *scaler, const double *row, double *standardised)
{
    for (uint32_t c = 0; c < scaler->columns; c++)
        standardised[c] = (row[c] - scaler->mean[c]) / scaler->sd[c];
}
