#ifndef AI_STATISTICS_KMEANS_H
#define AI_STATISTICS_KMEANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// K-means: Lloyd's rounds from k-means++ starts (Arthur and Vassilvitskii, 2007), the best of several
// restarts. The same points and seed give the same centroids, to the bit. A fitter owns all working memory
// and belongs to one thread at a time.

struct kmeans;

struct kmeans_options {
    uint64_t seed;
    uint32_t restarts; // >= 1
    uint32_t rounds;   // maximum per restart, >= 1
};

// Room for `points` of `dimensions` numbers in `clusters` clusters; NULL without memory or when one is zero.
struct kmeans *kmeans_create(size_t points, uint32_t dimensions, uint32_t clusters);
void kmeans_destroy(struct kmeans *kmeans); // NULL is fine

// `points` is row-major, `centroids` has clusters x dimensions numbers; `inertia` is the sum of the squared
// distances to the nearest centroid. False, with the results untouched, for more points than there is room
// for, fewer than clusters, or numbers that are not finite. No cluster stays empty while there are that many
// different points.
__attribute__((warn_unused_result)) bool kmeans_fit(struct kmeans *kmeans, const double *points, size_t count,
                                                    const struct kmeans_options *options, double *centroids,
                                                    double *inertia);

// The nearest centroid; of equal ones the first.
uint32_t kmeans_nearest(const double *centroids, uint32_t clusters, uint32_t dimensions, const double *point);

#endif
