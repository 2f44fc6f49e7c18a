#ifndef AI_TESTING_GLICKO2_H
#define AI_TESTING_GLICKO2_H

#include <stdbool.h>
#include <stddef.h>

// Glicko-2 for duels: Mark Glickman, "Example of the Glicko-2 system" (2013), whose step numbers glicko2.c
// uses. One call closes one rating period. Pure and reentrant; nothing is kept or allocated.

struct glicko2_rating {
    double rating, deviation; // in Glicko points; a newcomer has 1500 and 350
    double volatility;        // how erratic the results are; a newcomer has 0.06
};

struct glicko2_result {
    double rating, deviation; // the opponent's before the period
    double score;             // 1 won, 0.5 drawn, 0 lost
};

extern const struct glicko2_rating glicko2_newcomer;

// `tau` bounds how fast the volatility moves: 0.3 to 1.2. Without results only the deviation grows. A
// deviation never exceeds a newcomer's. False, with `rating` untouched, when a number is out of range or not
// finite.
__attribute__((warn_unused_result)) bool glicko2_update(struct glicko2_rating *rating,
                                                        const struct glicko2_result *results, size_t count,
                                                        double tau);

// The chance of `rating` to win against `opponent`, with both uncertainties.
double glicko2_expected(const struct glicko2_rating *rating, const struct glicko2_rating *opponent);

#endif
