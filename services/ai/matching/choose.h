// Within queue.h: those who wait in the order of their ratings, and whom one of them would sit down with.
#ifndef AI_CHOOSE_H
#define AI_CHOOSE_H

#include "services/ai/matching/queue.h"

enum { NOBODY = UINT32_MAX };

struct waiter {
    struct queue_ticket is;
    uint64_t turn;           // counts joins, so it orders equal times
    uint32_t earlier, later; // neighbours by waiting
    uint32_t same_hash;      // next in the bucket, or next free one
    uint32_t run;            // those of the same rating
    uint32_t before, after;  // neighbours there, by waiting
};

struct rated {
    double mu;
    uint32_t place, index; // by waiting; waiter
};

// Waiters of one rating, the longest waiting first.
struct run {
    double mu;
    uint32_t first, lower, higher; // waiter; runs
};

struct queue {
    struct queue_options options;
    uint32_t room, waiting;
    uint64_t turns;
    uint32_t first, last; // by waiting
    uint32_t free;
    struct waiter *waiters;
    bool sorted; // into runs
    struct run *runs;
    struct rated *order;
    uint32_t *buckets; // bucket_count of them, a power of two
    uint32_t bucket_count;
};

struct choice {
    uint32_t chosen[QUEUE_MOST_SEATS], count;
    double spread, score;
};

bool waits_longer(const struct waiter *a, const struct waiter *b);
uint64_t waited_ms(const struct waiter *waiter, uint64_t now_ms);

void runs_sort(struct queue *queue);
void runs_leave(struct queue *queue, uint32_t index);

// Those whom the chooser would sit down with at a table: the nearest that fit, as many as make the best
// score; false if there are too few in the chooser's window.
bool choose(const struct queue *queue, const struct queue_table *table, uint32_t chooser, uint64_t now_ms,
            struct choice *choice);

#endif
