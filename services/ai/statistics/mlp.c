#include "services/ai/statistics/mlp.h"

#include <math.h>

uint32_t mlp_weights(const struct mlp *mlp)
{
    return mlp->hidden * (mlp->inputs + 1) + mlp->outputs * (mlp->hidden + 1);
}

bool mlp_check(const struct mlp *mlp)
{
    return mlp->inputs > 0 && mlp->outputs > 0 && mlp->hidden > 0 && mlp->hidden <= MLP_MAX_HIDDEN;
}

// One layer's weights are its matrix, a row for each unit, and then the biases; returns the position behind
// them.
static const double *mlp_linear(const double *weights, const double *input, uint32_t inputs, double *output,
                                uint32_t outputs)
{
    const double *biases = weights + outputs * inputs;
    for (uint32_t unit = 0; unit < outputs; unit++) {
        output[unit] = biases[unit];
        for (uint32_t i = 0; i < inputs; i++) output[unit] += weights[unit * inputs + i] * input[i];
    }
    return biases + outputs;
}

static uint32_t mlp_largest(const double *values, uint32_t count)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++)
        if (values[i] > values[best]) best = i;
    return best;
}

static void mlp_softmax(double *values, uint32_t count, double most)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += values[i] = exp(values[i] - most);
    for (uint32_t i = 0; i < count; i++) values[i] /= sum;
}

uint32_t mlp_classify(const struct mlp *mlp, const double *input, double *probabilities)
{
    double hidden[MLP_MAX_HIDDEN];
    const double *rest = mlp_linear(mlp->weights, input, mlp->inputs, hidden, mlp->hidden);
    for (uint32_t i = 0; i < mlp->hidden; i++) hidden[i] = fmax(hidden[i], 0);
    mlp_linear(rest, hidden, mlp->hidden, probabilities, mlp->outputs);
    uint32_t best = mlp_largest(probabilities, mlp->outputs);
    mlp_softmax(probabilities, mlp->outputs, probabilities[best]);
    return best;
}
