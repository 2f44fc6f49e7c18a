// People who wait, for tests of the queue.
#ifndef AI_TESTING_WAITERS_H
#define AI_TESTING_WAITERS_H

#include <math.h>

#include "services/ai/matching/queue.h"
#include "tests/test.h"

static inline struct queue_id id_of(uint32_t number)
{
    struct queue_id id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

static inline struct queue_ticket ticket_of(uint32_t number, double mu, uint64_t joined_ms)
{
    return (struct queue_ticket){.id = id_of(number),
                                 .tag = number,
                                 .mu = mu,
                                 .joined_ms = joined_ms,
                                 .size_min = 1,
                                 .size_max = QUEUE_MOST_SEATS,
                                 .below = INFINITY,
                                 .above = INFINITY};
}

// Proposed, and taken out.
static inline bool sit_down(struct queue *queue, const struct queue_table *table, uint64_t now_ms,
                            struct queue_match *match)
{
    if (!queue_propose(queue, table, now_ms, match)) return false;
    queue_take(queue, match);
    return true;
}

static inline bool clash_of_two(void *arg, uint32_t a, uint32_t b)
{
    (void)arg;
    return (a == 2 && b == 4) || (a == 4 && b == 2);
}

#endif
