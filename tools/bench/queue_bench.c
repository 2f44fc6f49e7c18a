#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "services/ai/matching/queue.h"

// Processor time of a tick: everybody who waits joins anew, with normal ratings and some newcomers, tables of
// five to twelve are proposed, and who is proposed is taken out and replaced. It fails when one of
// 10 000 takes more than 20 ms.

enum { LONGEST = 10000, TABLES = 200, TICK_MS = 1000, SECONDS = 2, MOST_MS = 20 };

struct person {
    double mu;
    uint64_t joined_ms;
};

static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static double normal_rating(unsigned short *seed)
{
    double sum = 0;
    for (int i = 0; i < 12; i++) sum += erand48(seed);
    return erand48(seed) < 0.2 ? 25 : 25 + 5 * (sum - 6);
}

static void join_all(struct queue *queue, const struct person *people, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        struct queue_ticket ticket = {.tag = i,
                                      .mu = people[i].mu,
                                      .joined_ms = people[i].joined_ms,
                                      .size_min = 1 + i % 8,
                                      .size_max = QUEUE_MOST_SEATS - i % 80,
                                      .below = i % 5 ? INFINITY : 10,
                                      .above = INFINITY};
        memcpy(ticket.id.bytes, &i, sizeof i);
        if (queue_join(queue, &ticket) != QUEUE_JOINED) abort();
    }
}

static uint64_t bench_tick(struct person *people, uint32_t length, uint64_t now_ms, unsigned short *seed)
{
    const struct queue_options options = {.window = 0.02, .window_per_s = 0.05, .patience_ms = 60000};
    struct queue *queue = queue_create(&options, length);
    struct queue_match match;
    uint64_t players = 0;
    if (!queue) abort();
    join_all(queue, people, length);
    for (uint32_t t = 0; t < TABLES; t++) {
        const struct queue_table table = {.needed = 5, .free = 12, .most = 12, .least = 5};
        if (!queue_propose(queue, &table, now_ms, &match)) break;
        queue_take(queue, &match);
        players += match.players;
        for (uint32_t i = 0; i < match.players; i++)
            people[match.seats[i].tag] = (struct person){normal_rating(seed), now_ms};
    }
    queue_destroy(queue);
    return players;
}

static int by_joining(const void *a, const void *b)
{
    const struct person *left = a, *right = b;
    return (left->joined_ms > right->joined_ms) - (left->joined_ms < right->joined_ms);
}

static double queue_measure(uint32_t length)
{
    static struct person people[LONGEST];
    unsigned short seed[3] = {1, 2, 3};
    uint64_t players = 0, now_ms = TICK_MS, ticks = 0;
    double spent = 0, worst = 0;
    for (uint32_t i = 0; i < length; i++) people[i] = (struct person){normal_rating(seed), 0};
    for (; spent < SECONDS * 1e3; now_ms += TICK_MS, ticks++) {
        qsort(people, length, sizeof *people, by_joining);
        const double before = cpu_ms();
        players += bench_tick(people, length, now_ms, seed);
        const double took = cpu_ms() - before;
        if (took > worst) worst = took;
        spent += took;
    }
    printf("queue of %5u  a tick %6.2f ms, longest %6.2f ms, %5.0f players a tick\n", length,
           spent / (double)ticks, worst, (double)players / (double)ticks);
    return spent / (double)ticks;
}

int main(void)
{
    queue_measure(100);
    queue_measure(1000);
    const double ms = queue_measure(LONGEST);
    printf("gate %d ms: %s\n", MOST_MS, ms <= MOST_MS ? "yes" : "NO");
    return ms <= MOST_MS ? 0 : 1;
}
