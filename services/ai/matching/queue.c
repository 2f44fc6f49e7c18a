#include "services/ai/matching/queue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "services/ai/matching/choose.h"

static bool options_are_sane(const struct queue_options *options)
{
    return options->window >= 0 && options->window_per_s >= 0 && isfinite(options->window) &&
           isfinite(options->window_per_s);
}

static uint32_t power_of_two_above(uint32_t number)
{
    uint32_t power = 1;
    while (power < number) power *= 2;
    return power;
}

static void empty_queue(struct queue *queue)
{
    queue->first = queue->last = NOBODY;
    queue->free = 0;
    for (uint32_t i = 0; i < queue->room; i++)
        queue->waiters[i].same_hash = i + 1 < queue->room ? i + 1 : NOBODY;
    for (uint32_t i = 0; i < queue->bucket_count; i++) queue->buckets[i] = NOBODY;
}

struct queue *queue_create(const struct queue_options *options, uint32_t room)
{
    if (room == 0 || room > 1u << 30 || !options_are_sane(options)) return NULL;
    struct queue *queue = calloc(1, sizeof *queue);
    if (!queue) return NULL;
    queue->options = *options;
    queue->room = room;
    queue->bucket_count = power_of_two_above(room);
    queue->waiters = calloc(room, sizeof *queue->waiters);
    queue->runs = calloc(room, sizeof *queue->runs);
    queue->order = calloc(room, sizeof *queue->order);
    queue->buckets = calloc(queue->bucket_count, sizeof *queue->buckets);
    if (!queue->waiters || !queue->runs || !queue->order || !queue->buckets) {
        queue_destroy(queue);
        return NULL;
    }
    empty_queue(queue);
    return queue;
}

void queue_destroy(struct queue *queue)
{
    if (!queue) return;
    free(queue->waiters);
    free(queue->runs);
    free(queue->order);
    free(queue->buckets);
    free(queue);
}

uint32_t queue_waiting(const struct queue *queue) { return queue->waiting; }

// FNV-1a.
static uint32_t *bucket_of(const struct queue *queue, const struct queue_id *id)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < sizeof id->bytes; i++) hash = (hash ^ id->bytes[i]) * 0x100000001b3u;
    return &queue->buckets[(hash ^ hash >> 32) & (queue->bucket_count - 1)];
}

static uint32_t find_waiter(const struct queue *queue, const struct queue_id *id)
{
    uint32_t found = *bucket_of(queue, id);
    while (found != NOBODY && memcmp(&queue->waiters[found].is.id, id, sizeof *id) != 0)
        found = queue->waiters[found].same_hash;
    return found;
}

bool queue_ahead(const struct queue *queue, struct queue_id id, uint32_t *ahead)
{
    uint32_t found = find_waiter(queue, &id);
    if (found == NOBODY) return false;
    *ahead = 0;
    for (uint32_t at = queue->waiters[found].earlier; at != NOBODY; at = queue->waiters[at].earlier) ++*ahead;
    return true;
}

// ---- Coming and going

static bool ticket_is_sane(const struct queue_ticket *ticket)
{
    return isfinite(ticket->mu) && ticket->size_min >= 1 && ticket->size_min <= ticket->size_max &&
           ticket->size_max <= QUEUE_MOST_SEATS && ticket->below >= 0 && ticket->above >= 0;
}

// Behind whoever waits as long; mostly at the end.
static void enter_line(struct queue *queue, uint32_t index)
{
    struct waiter *waiter = &queue->waiters[index];
    uint32_t earlier = queue->last;
    while (earlier != NOBODY && waits_longer(waiter, &queue->waiters[earlier]))
        earlier = queue->waiters[earlier].earlier;
    waiter->earlier = earlier;
    waiter->later = earlier == NOBODY ? queue->first : queue->waiters[earlier].later;
    *(earlier == NOBODY ? &queue->first : &queue->waiters[earlier].later) = index;
    *(waiter->later == NOBODY ? &queue->last : &queue->waiters[waiter->later].earlier) = index;
}

static void leave_line(struct queue *queue, uint32_t index)
{
    const struct waiter *waiter = &queue->waiters[index];
    *(waiter->earlier == NOBODY ? &queue->first : &queue->waiters[waiter->earlier].later) = waiter->later;
    *(waiter->later == NOBODY ? &queue->last : &queue->waiters[waiter->later].earlier) = waiter->earlier;
}

enum queue_join queue_join(struct queue *queue, const struct queue_ticket *ticket)
{
    if (!ticket_is_sane(ticket)) return QUEUE_BAD_TICKET;
    if (find_waiter(queue, &ticket->id) != NOBODY) return QUEUE_ALREADY_WAITING;
    if (queue->free == NOBODY) return QUEUE_FULL;
    uint32_t index = queue->free, *bucket = bucket_of(queue, &ticket->id);
    struct waiter *waiter = &queue->waiters[index];
    queue->free = waiter->same_hash;
    *waiter = (struct waiter){.is = *ticket, .turn = queue->turns++, .same_hash = *bucket};
    *bucket = index;
    enter_line(queue, index);
    queue->waiting++;
    queue->sorted = false;
    return QUEUE_JOINED;
}

static void take_out(struct queue *queue, uint32_t index)
{
    struct waiter *waiter = &queue->waiters[index];
    uint32_t *link = bucket_of(queue, &waiter->is.id);
    while (*link != index) link = &queue->waiters[*link].same_hash;
    *link = waiter->same_hash;
    leave_line(queue, index);
    if (queue->sorted) runs_leave(queue, index);
    waiter->same_hash = queue->free;
    queue->free = index;
    queue->waiting--;
}

bool queue_leave(struct queue *queue, struct queue_id id)
{
    uint32_t index = find_waiter(queue, &id);
    if (index == NOBODY) return false;
    take_out(queue, index);
    return true;
}

bool queue_set_mu(struct queue *queue, struct queue_id id, double mu)
{
    uint32_t index = find_waiter(queue, &id);
    if (index == NOBODY || !isfinite(mu)) return false;
    if (queue->waiters[index].is.mu == mu) return true;
    queue->waiters[index].is.mu = mu;
    queue->sorted = false;
    return true;
}

void queue_take(struct queue *queue, const struct queue_match *match)
{
    for (uint32_t i = 0; i < match->players; i++) queue_leave(queue, match->seats[i].id);
}

// ---- Matches

double queue_window(const struct queue_options *options, uint64_t waited_ms)
{
    if (waited_ms >= options->patience_ms) return INFINITY;
    return options->window + options->window_per_s * (double)waited_ms / 1000;
}

static void seat_in_turn(const struct queue *queue, struct choice *choice, uint64_t now_ms,
                         struct queue_match *match)
{
    uint32_t *chosen = choice->chosen;
    for (uint32_t i = 0; i < choice->count; i++) {
        uint32_t index = chosen[i], place = i;
        const struct waiter *waiter = &queue->waiters[index];
        for (; place > 0 && waits_longer(waiter, &queue->waiters[chosen[place - 1]]); place--)
            chosen[place] = chosen[place - 1];
        chosen[place] = index;
    }
    match->players = choice->count;
    match->spread = choice->spread;
    match->score = choice->score;
    for (uint32_t i = 0; i < choice->count; i++) {
        const struct queue_ticket *ticket = &queue->waiters[chosen[i]].is;
        match->seats[i] = (struct queue_seat){ticket->id, ticket->tag, ticket->mu,
                                              waited_ms(&queue->waiters[chosen[i]], now_ms)};
    }
}

// Those who wait longest, of whom the best match is taken.
enum { CHOOSERS = 16 };

bool queue_propose(struct queue *queue, const struct queue_table *table, uint64_t now_ms,
                   struct queue_match *match)
{
    struct choice best = {.count = 0};
    uint32_t choosers = 0;
    if (!queue->sorted) runs_sort(queue);
    for (uint32_t at = queue->first; at != NOBODY && choosers < CHOOSERS; at = queue->waiters[at].later) {
        struct choice choice;
        if (!choose(queue, table, at, now_ms, &choice)) continue;
        choosers++;
        if (!best.count || choice.score > best.score) best = choice;
        if (waited_ms(&queue->waiters[at], now_ms) >= queue->options.patience_ms) break;
    }
    if (best.count) seat_in_turn(queue, &best, now_ms, match);
    return best.count;
}
