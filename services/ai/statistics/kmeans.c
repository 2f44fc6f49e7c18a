#include "services/ai/statistics/kmeans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct kmeans {
    size_t room;
    uint32_t dimensions, clusters;
    uint64_t random;
    uint32_t *labels;  // cluster of each point
    double *distances; // squared, of each point to its centroid
    double *centroids; // of the current restart
    double *sums;      // of the points of each cluster
    size_t *sizes;
};

// The points of one fit.
struct cloud {
    const double *points;
    size_t count;
};

struct kmeans *kmeans_create(size_t points, uint32_t dimensions, uint32_t clusters)
{
    if (points == 0 || dimensions == 0 || clusters == 0) return NULL;
    struct kmeans *kmeans = calloc(1, sizeof *kmeans);
    if (!kmeans) return NULL;
    size_t numbers = (size_t)clusters * dimensions;
    kmeans->room = points;
    kmeans->dimensions = dimensions;
    kmeans->clusters = clusters;
    kmeans->labels = calloc(points, sizeof *kmeans->labels);
    kmeans->distances = calloc(points, sizeof *kmeans->distances);
    kmeans->centroids = calloc(numbers, sizeof *kmeans->centroids);
    kmeans->sums = calloc(numbers, sizeof *kmeans->sums);
    kmeans->sizes = calloc(clusters, sizeof *kmeans->sizes);
    if (kmeans->labels && kmeans->distances && kmeans->centroids && kmeans->sums && kmeans->sizes)
        return kmeans;
    kmeans_destroy(kmeans);
    return NULL;
}

void kmeans_destroy(struct kmeans *kmeans)
{
    if (!kmeans) return;
    free(kmeans->labels);
    free(kmeans->distances);
    free(kmeans->centroids);
    free(kmeans->sums);
    free(kmeans->sizes);
    free(kmeans);
}

// SplitMix64 (Steele, Lea and Flood, 2014), as a fraction of 1.
static double next_fraction(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static double squared_distance(const double *a, const double *b, uint32_t dimensions)
{
    double sum = 0;
    for (uint32_t d = 0; d < dimensions; d++) sum += (a[d] - b[d]) * (a[d] - b[d]);
    return sum;
}

uint32_t kmeans_nearest(const double *centroids, uint32_t clusters, uint32_t dimensions, const double *point)
{
    uint32_t best = 0;
    double least = INFINITY;
    for (uint32_t k = 0; k < clusters; k++) {
        double distance = squared_distance(centroids + (size_t)k * dimensions, point, dimensions);
        if (distance >= least) continue;
        least = distance;
        best = k;
    }
    return best;
}

static const double *point_at(const struct kmeans *kmeans, const struct cloud *cloud, size_t i)
{
    return cloud->points + i * kmeans->dimensions;
}

static double *centroid_at(struct kmeans *kmeans, uint32_t k)
{
    return kmeans->centroids + (size_t)k * kmeans->dimensions;
}

static void place_centroid(struct kmeans *kmeans, const struct cloud *cloud, uint32_t k, size_t point)
{
    memcpy(centroid_at(kmeans, k), point_at(kmeans, cloud, point), kmeans->dimensions * sizeof(double));
}

// A point drawn with a chance in proportion to its squared distance from the nearest centroid so far.
static size_t draw_far_point(struct kmeans *kmeans, const struct cloud *cloud, uint32_t placed)
{
    double sum = 0;
    const double *latest = centroid_at(kmeans, placed - 1);
    for (size_t i = 0; i < cloud->count; i++) {
        double distance = squared_distance(latest, point_at(kmeans, cloud, i), kmeans->dimensions);
        if (placed == 1 || distance < kmeans->distances[i]) kmeans->distances[i] = distance;
        sum += kmeans->distances[i];
    }
    double left = next_fraction(&kmeans->random) * sum;
    for (size_t i = 0; i < cloud->count; i++) {
        left -= kmeans->distances[i];
        if (left < 0) return i;
    }
    return cloud->count - 1;
}

static void start_plus_plus(struct kmeans *kmeans, const struct cloud *cloud)
{
    place_centroid(kmeans, cloud, 0, (size_t)(next_fraction(&kmeans->random) * (double)cloud->count));
    for (uint32_t k = 1; k < kmeans->clusters; k++)
        place_centroid(kmeans, cloud, k, draw_far_point(kmeans, cloud, k));
}

// Assigns every point to its nearest centroid and returns the inertia.
static double kmeans_assign(struct kmeans *kmeans, const struct cloud *cloud)
{
    double inertia = 0;
    for (size_t i = 0; i < cloud->count; i++) {
        const double *point = point_at(kmeans, cloud, i);
        uint32_t label = kmeans_nearest(kmeans->centroids, kmeans->clusters, kmeans->dimensions, point);
        kmeans->labels[i] = label;
        kmeans->distances[i] = squared_distance(centroid_at(kmeans, label), point, kmeans->dimensions);
        inertia += kmeans->distances[i];
    }
    return inertia;
}

static void sum_clusters(struct kmeans *kmeans, const struct cloud *cloud)
{
    memset(kmeans->sums, 0, (size_t)kmeans->clusters * kmeans->dimensions * sizeof(double));
    memset(kmeans->sizes, 0, kmeans->clusters * sizeof(size_t));
    for (size_t i = 0; i < cloud->count; i++) {
        double *sum = kmeans->sums + (size_t)kmeans->labels[i] * kmeans->dimensions;
        const double *point = point_at(kmeans, cloud, i);
        for (uint32_t d = 0; d < kmeans->dimensions; d++) sum[d] += point[d];
        kmeans->sizes[kmeans->labels[i]]++;
    }
}

static size_t farthest_point(const struct kmeans *kmeans, const struct cloud *cloud)
{
    size_t farthest = 0;
    for (size_t i = 1; i < cloud->count; i++)
        if (kmeans->distances[i] > kmeans->distances[farthest]) farthest = i;
    return farthest;
}

// Moves each centroid to the mean of its points; a cluster without points restarts at the point with the
// worst fit.
static void move_centroids(struct kmeans *kmeans, const struct cloud *cloud)
{
    sum_clusters(kmeans, cloud);
    for (uint32_t k = 0; k < kmeans->clusters; k++) {
        if (kmeans->sizes[k] == 0) {
            size_t farthest = farthest_point(kmeans, cloud);
            place_centroid(kmeans, cloud, k, farthest);
            kmeans->distances[farthest] = 0;
            continue;
        }
        const double *sum = kmeans->sums + (size_t)k * kmeans->dimensions;
        for (uint32_t d = 0; d < kmeans->dimensions; d++)
            centroid_at(kmeans, k)[d] = sum[d] / (double)kmeans->sizes[k];
    }
}

// Rounds until the inertia no longer falls.
static double run_restart(struct kmeans *kmeans, const struct cloud *cloud, uint32_t rounds)
{
    start_plus_plus(kmeans, cloud);
    double inertia = kmeans_assign(kmeans, cloud);
    for (uint32_t round = 0; round < rounds; round++) {
        move_centroids(kmeans, cloud);
        double after = kmeans_assign(kmeans, cloud);
        bool settled = after >= inertia;
        inertia = after;
        if (settled) break;
    }
    return inertia;
}

static bool all_finite(const struct kmeans *kmeans, const struct cloud *cloud)
{
    for (size_t i = 0; i < cloud->count * kmeans->dimensions; i++)
        if (!(fabs(cloud->points[i]) <= 1e100)) return false;
    return true;
}

bool kmeans_fit(struct kmeans *kmeans, const double *points, size_t count,
                const struct kmeans_options *options, double *centroids, double *inertia)
{
    struct cloud cloud = {points, count};
    if (count > kmeans->room || count < kmeans->clusters || !all_finite(kmeans, &cloud)) return false;
    if (options->restarts == 0 || options->rounds == 0) return false;
    size_t bytes = (size_t)kmeans->clusters * kmeans->dimensions * sizeof(double);
    double best = INFINITY;
    kmeans->random = options->seed;
    for (uint32_t restart = 0; restart < options->restarts; restart++) {
        double reached = run_restart(kmeans, &cloud, options->rounds);
        if (reached >= best) continue;
        best = reached;
        memcpy(centroids, kmeans->centroids, bytes);
    }
    *inertia = best;
    return true;
}
