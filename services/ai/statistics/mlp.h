#ifndef AI_STATISTICS_MLP_H
#define AI_STATISTICS_MLP_H

#include <stdbool.h>
#include <stdint.h>

// The forward pass of a perceptron with one hidden layer: linear, ReLU, linear, softmax. Pure; the weights
// are borrowed.

enum { MLP_MAX_HIDDEN = 64 };

struct mlp {
    uint32_t inputs, hidden, outputs;
    const double *weights; // mlp_weights() numbers: hidden x inputs, hidden, outputs x hidden, outputs
};

uint32_t mlp_weights(const struct mlp *mlp);
bool mlp_check(const struct mlp *mlp); // every layer has a unit, and the hidden one at most MLP_MAX_HIDDEN

// Writes `outputs` probabilities that sum to 1 and returns the index of the largest, of equal ones the first.
uint32_t mlp_classify(const struct mlp *mlp, const double *input, double *probabilities);

#endif
