#ifndef AI_STATISTICS_PCA_H
#define AI_STATISTICS_PCA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Principal components of rows of features, by Jacobi rotations of their covariance (Golub and Van Loan,
// "Matrix Computations", 8.5). Pure; rows are row-major. A component's largest entry is positive, which fixes
// its sign.

enum { PCA_MAX_COLUMNS = 16 };

struct pca {
    uint32_t columns;
    double mean[PCA_MAX_COLUMNS];
    double explained[PCA_MAX_COLUMNS]; // each component's share of the variance, descending, sum 1
    double components[PCA_MAX_COLUMNS][PCA_MAX_COLUMNS]; // unit vectors, one per row
};

// False, with `pca` untouched, for no rows, too many columns, a number that is not finite or no variance at
// all.
__attribute__((warn_unused_result)) bool pca_fit(struct pca *pca, const double *rows, size_t count,
                                                 uint32_t columns);

// The row's coordinates along the first `wanted` components.
void pca_project(const struct pca *pca, const double *row, uint32_t wanted, double *coordinates);

#endif
