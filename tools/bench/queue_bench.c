#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/ai/matching/queue.h"

// Joins and matched players per second of processor time, while a queue of a given length is refilled: two
// teams of five, normal ratings, one take every simulated second.

enum { LONGEST = 10000 };

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static struct queue_id id_of(uint64_t number)
{
    struct queue_id id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

static double normal_rating(unsigned short *seed)
{
    double sum = 0;
    for (int i = 0; i < 12; i++) sum += erand48(seed);
    return 25 + 5 * (sum - 6);
}

static void queue_measure(uint32_t length)
{
    const struct queue_options options = {
        .team_sizes = {5, 5}, .teams = 2, .window = 0.02, .window_per_s = 0.05, .patience_ms = 60000};
    static struct queue_match matches[LONGEST / 10];
    struct queue *queue = queue_create(&options, length);
    unsigned short seed[3] = {1, 2, 3};
    uint64_t number = 0, now_ms = 0, players = 0;
    double start = cpu_seconds(), spent, worst = 0;
    if (!queue) abort();
    do {
        while (queue_waiting(queue) < length)
            if (queue_join(queue, id_of(number++), normal_rating(seed), now_ms) != QUEUE_JOINED) abort();
        double before = cpu_seconds();
        players += 10 * (uint64_t)queue_take(queue, now_ms, matches, LONGEST / 10);
        double took = cpu_seconds() - before;
        if (took > worst) worst = took;
        now_ms += 1000;
        spent = cpu_seconds() - start;
    } while (spent < 2);
    printf("queue of %5u  %7.0f k players/s joined and matched, longest take %.1f ms\n", length,
           players / spent / 1e3, 1e3 * worst);
    queue_destroy(queue);
}

int main(void)
{
    queue_measure(100);
    queue_measure(1000);
    queue_measure(LONGEST);
    return 0;
}
