#include "services/ai/testing/glicko2.h"

#include <math.h>

const struct glicko2_rating glicko2_newcomer = {1500, 350, 0.06};

static const double points_per_unit = 173.7178;

static bool opponent_is_sane(double rating, double deviation)
{
    return fabs(rating) <= 1e5 && deviation > 0 && deviation <= 1e4;
}

static bool input_is_sane(const struct glicko2_rating *rating, const struct glicko2_result *results,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!opponent_is_sane(results[i].rating, results[i].deviation)) return false;
        if (!(results[i].score >= 0 && results[i].score <= 1)) return false;
    }
    return opponent_is_sane(rating->rating, rating->deviation) && rating->volatility > 0 &&
           rating->volatility <= 10;
}

static double glicko2_g(double phi) { return 1 / sqrt(1 + 3 * phi * phi / (M_PI * M_PI)); }

static double glicko2_expected_score(double mu, double opponent_mu, double opponent_phi)
{
    return 1 / (1 + exp(-glicko2_g(opponent_phi) * (mu - opponent_mu)));
}

// Steps 3 and 4: how informative the results are, and in which direction.
struct evidence {
    double precision, gain;
};

static struct evidence weigh_results(double mu, const struct glicko2_result *results, size_t count)
{
    struct evidence evidence = {0, 0};
    for (size_t i = 0; i < count; i++) {
        double opponent_mu = (results[i].rating - glicko2_newcomer.rating) / points_per_unit;
        double opponent_phi = results[i].deviation / points_per_unit;
        double weight = glicko2_g(opponent_phi),
               chance = glicko2_expected_score(mu, opponent_mu, opponent_phi);
        evidence.precision += weight * weight * chance * (1 - chance);
        evidence.gain += weight * (results[i].score - chance);
    }
    return evidence;
}

// Step 5: the new volatility is exp(x / 2) at the root x of f.
struct volatility_curve {
    double start, phi_squared, v, delta_squared, tau;
};

static double glicko2_f(const struct volatility_curve *curve, double x)
{
    double e = exp(x), total = curve->phi_squared + curve->v + e;
    return e * (curve->delta_squared - total) / (2 * total * total) -
           (x - curve->start) / (curve->tau * curve->tau);
}

static double other_bracket(const struct volatility_curve *curve)
{
    double surplus = curve->delta_squared - curve->phi_squared - curve->v;
    if (surplus > 0) return log(surplus);
    double x = curve->start - curve->tau;
    while (glicko2_f(curve, x) < 0) x -= curve->tau;
    return x;
}

static double new_volatility(const struct volatility_curve *curve)
{
    double a = curve->start, b = other_bracket(curve), f_a = glicko2_f(curve, a), f_b = glicko2_f(curve, b);
    for (int round = 0; round < 100 && fabs(b - a) > 1e-10; round++) {
        double c = a + (a - b) * f_a / (f_b - f_a), f_c = glicko2_f(curve, c);
        if (f_c * f_b <= 0) {
            a = b;
            f_a = f_b;
        } else {
            f_a /= 2;
        }
        b = c;
        f_b = f_c;
    }
    return exp(a / 2);
}

static double capped_deviation(double phi) { return fmin(phi * points_per_unit, glicko2_newcomer.deviation); }

bool glicko2_update(struct glicko2_rating *rating, const struct glicko2_result *results, size_t count,
                    double tau)
{
    if (!input_is_sane(rating, results, count) || !(tau > 0 && tau <= 10)) return false;
    double mu = (rating->rating - glicko2_newcomer.rating) / points_per_unit;
    double phi = rating->deviation / points_per_unit;
    if (count == 0) {
        rating->deviation = capped_deviation(hypot(phi, rating->volatility));
        return true;
    }
    struct evidence evidence = weigh_results(mu, results, count);
    double v = 1 / fmax(evidence.precision, 1e-12), delta = v * evidence.gain;
    struct volatility_curve curve = {2 * log(rating->volatility), phi * phi, v, delta * delta, tau};
    double volatility = new_volatility(&curve);

    double phi_before = hypot(phi, volatility);                         // step 6
    double phi_after = 1 / sqrt(1 / (phi_before * phi_before) + 1 / v); // step 7
    rating->rating += phi_after * phi_after * evidence.gain * points_per_unit;
    rating->deviation = capped_deviation(phi_after);
    rating->volatility = volatility;
    return true;
}

double glicko2_expected(const struct glicko2_rating *rating, const struct glicko2_rating *opponent)
{
    double both = hypot(rating->deviation, opponent->deviation) / points_per_unit;
    return glicko2_expected_score(rating->rating / points_per_unit, opponent->rating / points_per_unit, both);
}
