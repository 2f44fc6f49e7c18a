#include "services/ai/statistics/pca.h"

#include <math.h>
#include <string.h>

typedef double square[PCA_MAX_COLUMNS][PCA_MAX_COLUMNS];

static void find_mean(struct pca *pca, const double *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (uint32_t c = 0; c < pca->columns; c++) pca->mean[c] += rows[i * pca->columns + c];
    for (uint32_t c = 0; c < pca->columns; c++) pca->mean[c] /= (double)count;
}

static void add_products(const struct pca *pca, const double *row, square covariance)
{
    for (uint32_t a = 0; a < pca->columns; a++)
        for (uint32_t b = 0; b < pca->columns; b++)
            covariance[a][b] += (row[a] - pca->mean[a]) * (row[b] - pca->mean[b]);
}

// One rotation of rows and columns p and q that zeroes [p][q]; `vectors` collects the rotations, one vector a
// row.
static void pca_rotate(square matrix, square vectors, uint32_t size, uint32_t p, uint32_t q)
{
    double theta = (matrix[q][q] - matrix[p][p]) / (2 * matrix[p][q]);
    double t = copysign(1, theta) / (fabs(theta) + hypot(theta, 1));
    double c = 1 / hypot(t, 1), s = t * c;
    for (uint32_t k = 0; k < size; k++) {
        double kp = matrix[k][p], kq = matrix[k][q];
        matrix[k][p] = c * kp - s * kq;
        matrix[k][q] = s * kp + c * kq;
    }
    for (uint32_t k = 0; k < size; k++) {
        double pk = matrix[p][k], qk = matrix[q][k], vp = vectors[p][k], vq = vectors[q][k];
        matrix[p][k] = c * pk - s * qk;
        matrix[q][k] = s * pk + c * qk;
        vectors[p][k] = c * vp - s * vq;
        vectors[q][k] = s * vp + c * vq;
    }
}

static double off_diagonal(square matrix, uint32_t size)
{
    double sum = 0;
    for (uint32_t p = 0; p < size; p++)
        for (uint32_t q = p + 1; q < size; q++) sum += fabs(matrix[p][q]);
    return sum;
}

static double pca_trace(square matrix, uint32_t size)
{
    double sum = 0;
    for (uint32_t i = 0; i < size; i++) sum += matrix[i][i];
    return sum;
}

// Sweeps converge quadratically: six are plenty for 16 columns, and the bound always holds.
static void pca_diagonalise(square matrix, square vectors, uint32_t size)
{
    double negligible = 1e-15 * pca_trace(matrix, size);
    for (uint32_t i = 0; i < size; i++) vectors[i][i] = 1;
    for (int sweep = 0; sweep < 30 && off_diagonal(matrix, size) > negligible; sweep++)
        for (uint32_t p = 0; p < size; p++)
            for (uint32_t q = p + 1; q < size; q++)
                if (matrix[p][q] != 0) pca_rotate(matrix, vectors, size, p, q);
}

static void settle_sign(double *vector, uint32_t size)
{
    uint32_t largest = 0;
    for (uint32_t i = 1; i < size; i++)
        if (fabs(vector[i]) > fabs(vector[largest])) largest = i;
    if (vector[largest] > 0) return;
    for (uint32_t i = 0; i < size; i++) vector[i] = -vector[i];
}

static uint32_t largest_left(square matrix, uint32_t size, const bool *taken)
{
    uint32_t best = size;
    for (uint32_t i = 0; i < size; i++)
        if (!taken[i] && (best == size || matrix[i][i] > matrix[best][best])) best = i;
    return best;
}

static void keep_by_variance(struct pca *pca, square matrix, square vectors, double total)
{
    bool taken[PCA_MAX_COLUMNS] = {false};
    for (uint32_t rank = 0; rank < pca->columns; rank++) {
        uint32_t from = largest_left(matrix, pca->columns, taken);
        taken[from] = true;
        pca->explained[rank] = fmax(matrix[from][from], 0) / total;
        memcpy(pca->components[rank], vectors[from], sizeof pca->components[rank]);
        settle_sign(pca->components[rank], pca->columns);
    }
}

bool pca_fit(struct pca *pca, const double *rows, size_t count, uint32_t columns)
{
    if (count == 0 || columns == 0 || columns > PCA_MAX_COLUMNS) return false;
    struct pca fitted = {.columns = columns};
    square covariance = {{0}}, vectors = {{0}};
    find_mean(&fitted, rows, count);
    for (size_t i = 0; i < count; i++) add_products(&fitted, rows + i * columns, covariance);
    double total = pca_trace(covariance, columns);
    if (!isfinite(total) || total <= 0) return false;
    pca_diagonalise(covariance, vectors, columns);
    keep_by_variance(&fitted, covariance, vectors, total);
    *pca = fitted;
    return true;
}

void pca_project(const struct pca *pca, const double *row, uint32_t wanted, double *coordinates)
{
    for (uint32_t rank = 0; rank < wanted; rank++) {
        coordinates[rank] = 0;
        for (uint32_t c = 0; c < pca->columns; c++)
            coordinates[rank] += pca->components[rank][c] * (row[c] - pca->mean[c]);
    }
}
