#include "services/ai/matching/choose.h"

#include <math.h>
#include <stdlib.h>

bool waits_longer(const struct waiter *a, const struct waiter *b)
{
    return a->is.joined_ms < b->is.joined_ms || (a->is.joined_ms == b->is.joined_ms && a->turn < b->turn);
}

uint64_t waited_ms(const struct waiter *waiter, uint64_t now_ms)
{
    return now_ms > waiter->is.joined_ms ? now_ms - waiter->is.joined_ms : 0;
}

// ---- Runs

static int rated_order(const void *a, const void *b)
{
    const struct rated *left = a, *right = b;
    if (left->mu != right->mu) return left->mu < right->mu ? -1 : 1;
    return left->place < right->place ? -1 : 1;
}

static void link_run(struct queue *queue, uint32_t run, uint32_t runs, const struct rated *rated)
{
    queue->runs[run] = (struct run){.mu = rated->mu,
                                    .first = rated->index,
                                    .lower = run ? run - 1 : NOBODY,
                                    .higher = run + 1 < runs ? run + 1 : NOBODY};
}

static uint32_t count_runs(const struct queue *queue)
{
    uint32_t runs = queue->waiting > 0;
    for (uint32_t i = 1; i < queue->waiting; i++) runs += queue->order[i].mu != queue->order[i - 1].mu;
    return runs;
}

static void link_runs(struct queue *queue)
{
    const uint32_t runs = count_runs(queue);
    for (uint32_t i = 0, run = NOBODY; i < queue->waiting; i++) {
        const struct rated *rated = &queue->order[i];
        struct waiter *waiter = &queue->waiters[rated->index];
        const bool new = i == 0 || rated->mu != rated[-1].mu;
        if (new) link_run(queue, ++run, runs, rated);
        waiter->run = run;
        waiter->before = new ? NOBODY : rated[-1].index;
        waiter->after = NOBODY;
        if (!new) queue->waiters[waiter->before].after = rated->index;
    }
}

void runs_sort(struct queue *queue)
{
    uint32_t place = 0;
    for (uint32_t at = queue->first; at != NOBODY; at = queue->waiters[at].later, place++)
        queue->order[place] = (struct rated){queue->waiters[at].is.mu, place, at};
    qsort(queue->order, queue->waiting, sizeof *queue->order, rated_order);
    link_runs(queue);
    queue->sorted = true;
}

static void unlink_run(struct queue *queue, const struct run *run)
{
    if (run->lower != NOBODY) queue->runs[run->lower].higher = run->higher;
    if (run->higher != NOBODY) queue->runs[run->higher].lower = run->lower;
}

void runs_leave(struct queue *queue, uint32_t index)
{
    const struct waiter *waiter = &queue->waiters[index];
    struct run *run = &queue->runs[waiter->run];
    *(waiter->before == NOBODY ? &run->first : &queue->waiters[waiter->before].after) = waiter->after;
    if (waiter->after != NOBODY) queue->waiters[waiter->after].before = waiter->before;
    if (run->first == NOBODY) unlink_run(queue, run);
}

// ---- The nearest

// Who is left while walking away from the chooser: of the same rating, of lower and of higher ones.
struct walk {
    uint32_t same, lower, higher;
};

static uint32_t first_of(const struct queue *queue, uint32_t run)
{
    return run == NOBODY ? NOBODY : queue->runs[run].first;
}

static struct walk walk_from(const struct queue *queue, const struct waiter *chooser)
{
    const struct run *run = &queue->runs[chooser->run];
    return (struct walk){run->first, first_of(queue, run->lower), first_of(queue, run->higher)};
}

static uint32_t step_down(const struct queue *queue, struct walk *walk)
{
    const uint32_t taken = walk->lower;
    const struct waiter *waiter = &queue->waiters[taken];
    walk->lower = waiter->after != NOBODY ? waiter->after : first_of(queue, queue->runs[waiter->run].lower);
    return taken;
}

static uint32_t step_up(const struct queue *queue, struct walk *walk)
{
    const uint32_t taken = walk->higher;
    const struct waiter *waiter = &queue->waiters[taken];
    walk->higher = waiter->after != NOBODY ? waiter->after : first_of(queue, queue->runs[waiter->run].higher);
    return taken;
}

// Of equally near ones who waits longer.
static bool is_below_nearer(const struct waiter *chooser, const struct waiter *below,
                            const struct waiter *above)
{
    const double down = chooser->is.mu - below->is.mu, up = above->is.mu - chooser->is.mu;
    return down < up || (down == up && waits_longer(below, above));
}

static uint32_t walk_on(const struct queue *queue, const struct waiter *chooser, struct walk *walk)
{
    if (walk->same != NOBODY) {
        const uint32_t taken = walk->same;
        walk->same = queue->waiters[taken].after;
        return taken;
    }
    if (walk->lower == NOBODY && walk->higher == NOBODY) return NOBODY;
    if (walk->higher == NOBODY) return step_down(queue, walk);
    if (walk->lower == NOBODY) return step_up(queue, walk);
    const bool below = is_below_nearer(chooser, &queue->waiters[walk->lower], &queue->waiters[walk->higher]);
    return below ? step_down(queue, walk) : step_up(queue, walk);
}

// ---- Who fits

// Those who are gathered, and what of others they all accept.
struct gathering {
    const struct queue *queue;
    const struct queue_table *table;
    uint32_t gathered[QUEUE_MOST_SEATS], count;
    double low, high;           // ratings at the table
    double accepts, accepts_to; // ratings
    uint32_t size_min, size_max;
    double waited_s;
};

static uint32_t size_with(const struct gathering *gathering, uint32_t count)
{
    return gathering->table->taken + count;
}

// The table may become as large as `most`, and is at least as large as those who sit there.
static bool fits_size(const struct gathering *gathering, const struct queue_ticket *ticket)
{
    const struct queue_table *table = gathering->table;
    const uint32_t size = size_with(gathering, gathering->count + 1);
    const uint32_t largest = size_with(gathering, table->free);
    return ticket->size_max >= (table->most ? table->most : size) &&
           ticket->size_min <= (largest > table->least ? largest : table->least);
}

static bool fits_ratings(const struct gathering *gathering, const struct queue_ticket *ticket)
{
    return ticket->mu >= gathering->accepts && ticket->mu <= gathering->accepts_to &&
           gathering->low >= ticket->mu - ticket->below && gathering->high <= ticket->mu + ticket->above;
}

static bool fits_people(const struct gathering *gathering, uint32_t tag)
{
    const struct queue_table *table = gathering->table;
    if (table->admits && !table->admits(table->arg, tag)) return false;
    for (uint32_t i = 0; table->clash && i < gathering->count; i++)
        if (table->clash(table->arg, gathering->queue->waiters[gathering->gathered[i]].is.tag, tag))
            return false;
    return true;
}

static bool fits_table(const struct gathering *gathering, uint32_t index)
{
    const struct queue_ticket *ticket = &gathering->queue->waiters[index].is;
    return fits_size(gathering, ticket) && fits_ratings(gathering, ticket) &&
           fits_people(gathering, ticket->tag);
}

static void gather_one(struct gathering *gathering, uint32_t index, uint64_t now_ms)
{
    const struct waiter *waiter = &gathering->queue->waiters[index];
    const struct queue_ticket *ticket = &waiter->is;
    gathering->gathered[gathering->count++] = index;
    gathering->low = fmin(gathering->low, ticket->mu);
    gathering->high = fmax(gathering->high, ticket->mu);
    gathering->accepts = fmax(gathering->accepts, ticket->mu - ticket->below);
    gathering->accepts_to = fmin(gathering->accepts_to, ticket->mu + ticket->above);
    if (ticket->size_min > gathering->size_min) gathering->size_min = ticket->size_min;
    if (ticket->size_max < gathering->size_max) gathering->size_max = ticket->size_max;
    gathering->waited_s += (double)waited_ms(waiter, now_ms) / 1000;
}

// Of nobody yet; most of those who wait are only looked at, so what is gathered is not cleared.
static void gather_around(struct gathering *gathering, const struct queue *queue,
                          const struct queue_table *table)
{
    gathering->queue = queue;
    gathering->table = table;
    gathering->count = gathering->size_min = 0;
    gathering->low = table->rated ? table->mu : INFINITY;
    gathering->high = table->rated ? table->mu : -INFINITY;
    gathering->accepts = -INFINITY;
    gathering->accepts_to = INFINITY;
    gathering->size_max = QUEUE_MOST_SEATS;
    gathering->waited_s = 0;
}

// ---- How many

static bool is_enough(const struct gathering *gathering)
{
    const struct queue_table *table = gathering->table;
    const uint32_t size = size_with(gathering, gathering->count);
    return gathering->count >= table->needed &&
           gathering->size_min <= (size > table->least ? size : table->least);
}

static bool is_closed(const struct gathering *gathering)
{
    const struct queue_table *table = gathering->table;
    return gathering->count == table->free || gathering->count == QUEUE_MOST_SEATS ||
           (!table->most && size_with(gathering, gathering->count) >= gathering->size_max);
}

// Of equal scores the larger table.
static void keep_better(const struct gathering *gathering, struct choice *choice)
{
    const double spread = gathering->high - gathering->low;
    const double score = gathering->queue->options.window_per_s * gathering->waited_s - spread;
    if (!is_enough(gathering) || (choice->count && score < choice->score)) return;
    choice->count = gathering->count;
    choice->spread = spread;
    choice->score = score;
}

static double reach_of(const struct queue *queue, uint32_t chooser, uint64_t now_ms)
{
    return queue_window(&queue->options, waited_ms(&queue->waiters[chooser], now_ms));
}

static bool may_choose(const struct gathering *gathering, uint32_t chooser, uint64_t now_ms, double *reach)
{
    const struct queue_table *table = gathering->table;
    const double mu = gathering->queue->waiters[chooser].is.mu;
    if (table->free == 0 || !fits_table(gathering, chooser)) return false;
    *reach = reach_of(gathering->queue, chooser, now_ms);
    return !table->rated || fabs(mu - table->mu) <= *reach;
}

bool choose(const struct queue *queue, const struct queue_table *table, uint32_t chooser, uint64_t now_ms,
            struct choice *choice)
{
    const struct waiter *waiter = &queue->waiters[chooser];
    struct gathering gathering;
    double reach;
    choice->count = 0;
    gather_around(&gathering, queue, table);
    if (!may_choose(&gathering, chooser, now_ms, &reach)) return false;
    struct walk walk = walk_from(queue, waiter);
    gather_one(&gathering, chooser, now_ms);
    keep_better(&gathering, choice);
    while (!is_closed(&gathering)) {
        const uint32_t next = walk_on(queue, waiter, &walk);
        if (next == NOBODY || fabs(queue->waiters[next].is.mu - waiter->is.mu) > reach) break;
        if (next == chooser || !fits_table(&gathering, next)) continue;
        gather_one(&gathering, next, now_ms);
        keep_better(&gathering, choice);
    }
    for (uint32_t i = 0; i < choice->count; i++) choice->chosen[i] = gathering.gathered[i];
    return choice->count;
}
