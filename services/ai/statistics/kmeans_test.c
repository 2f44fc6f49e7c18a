#include <math.h>

#include "services/ai/statistics/kmeans.h"
#include "tests/test.h"

enum { ROOM = 300, MOST_DIMENSIONS = 5, MOST_CLUSTERS = 8 };

static const struct kmeans_options options = {.seed = 7, .restarts = 8, .rounds = 100};

static void three_heaps_are_found(void **state)
{
    (void)state;
    double points[60], centroids[3], inertia;
    for (int heap = 0; heap < 3; heap++)
        for (int i = 0; i < 20; i++) points[20 * heap + i] = 100 * heap + 0.1 * i;
    struct kmeans *kmeans = kmeans_create(60, 1, 3);
    assert_true(kmeans_fit(kmeans, points, 60, &options, centroids, &inertia));
    kmeans_destroy(kmeans);
    for (int heap = 0; heap < 3; heap++) {
        double centre = 100 * heap;
        assert_true(fabs(centroids[kmeans_nearest(centroids, 3, 1, &centre)] - centre - 0.95) < 1e-9);
    }
    assert_true(fabs(inertia - 3 * 6.65) < 1e-9);
}

struct cloud {
    double points[ROOM * MOST_DIMENSIONS];
    size_t count;
    uint32_t dimensions, clusters;
};

static void random_cloud(struct cloud *cloud, unsigned *seed)
{
    cloud->clusters = 1 + rand_r(seed) % MOST_CLUSTERS;
    cloud->count = cloud->clusters + rand_r(seed) % (ROOM - MOST_CLUSTERS);
    cloud->dimensions = 1 + rand_r(seed) % MOST_DIMENSIONS;
    int values = 1 + rand_r(seed) % 50;
    for (size_t i = 0; i < cloud->count * cloud->dimensions; i++) cloud->points[i] = rand_r(seed) % values;
}

static double inertia_of(const struct cloud *cloud, const double *centroids)
{
    double sum = 0;
    for (size_t i = 0; i < cloud->count; i++) {
        const double *point = &cloud->points[i * cloud->dimensions];
        uint32_t nearest = kmeans_nearest(centroids, cloud->clusters, cloud->dimensions, point);
        for (uint32_t d = 0; d < cloud->dimensions; d++) {
            double apart = point[d] - centroids[nearest * cloud->dimensions + d];
            sum += apart * apart;
        }
    }
    return sum;
}

// For any cloud, with as many doubles as it likes: the inertia reported is the centroids' own, more restarts
// never make it worse, and a second fitter gives the same bits.
static void properties_of_random_clouds(void **state)
{
    (void)state;
    unsigned seed = 3;
    for (int round = 0; round < 400; round++) {
        struct cloud cloud = {.count = 0};
        random_cloud(&cloud, &seed);
        struct kmeans *one = kmeans_create(ROOM, cloud.dimensions, cloud.clusters);
        struct kmeans *other = kmeans_create(cloud.count, cloud.dimensions, cloud.clusters);
        double first[MOST_CLUSTERS * MOST_DIMENSIONS] = {0}, second[MOST_CLUSTERS * MOST_DIMENSIONS] = {0};
        double inertia, again, more;
        assert_true(kmeans_fit(one, cloud.points, cloud.count, &options, first, &inertia));
        assert_true(kmeans_fit(other, cloud.points, cloud.count, &options, second, &again));
        assert_memory_equal(first, second, sizeof first);
        assert_true(fabs(inertia_of(&cloud, first) - inertia) <= 1e-9 * (1 + inertia));
        const struct kmeans_options longer = {.seed = 7, .restarts = 16, .rounds = 100};
        assert_true(kmeans_fit(one, cloud.points, cloud.count, &longer, second, &more));
        assert_true(more <= inertia && again == inertia);
        kmeans_destroy(one);
        kmeans_destroy(other);
    }
}

static void no_cluster_starves(void **state)
{
    (void)state;
    const double points[] = {0, 0, 0, 0, 0, 0, 0, 1, 2, 3};
    double centroids[4], inertia;
    struct kmeans *kmeans = kmeans_create(10, 1, 4);
    for (uint64_t seed = 0; seed < 200; seed++) {
        const struct kmeans_options once = {.seed = seed, .restarts = 1, .rounds = 50};
        assert_true(kmeans_fit(kmeans, points, 10, &once, centroids, &inertia));
        assert_true(inertia == 0);
    }
    kmeans_destroy(kmeans);
}

static void impossible_requests_are_refused(void **state)
{
    (void)state;
    double points[] = {1, 2, 3}, centroids[2] = {-1, -1}, inertia = -1;
    assert_null(kmeans_create(0, 1, 1));
    assert_null(kmeans_create(1, 0, 1));
    assert_null(kmeans_create(1, 1, 0));
    struct kmeans *kmeans = kmeans_create(2, 1, 2);
    const struct kmeans_options none = {.seed = 1, .restarts = 0, .rounds = 9};
    assert_false(kmeans_fit(kmeans, points, 3, &options, centroids, &inertia));
    assert_false(kmeans_fit(kmeans, points, 1, &options, centroids, &inertia));
    assert_false(kmeans_fit(kmeans, points, 2, &none, centroids, &inertia));
    points[1] = NAN;
    assert_false(kmeans_fit(kmeans, points, 2, &options, centroids, &inertia));
    assert_true(centroids[0] == -1 && inertia == -1);
    kmeans_destroy(kmeans);
    kmeans_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_heaps_are_found),
        cmocka_unit_test(properties_of_random_clouds),
        cmocka_unit_test(no_cluster_starves),
        cmocka_unit_test(impossible_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
