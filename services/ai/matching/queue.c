#include "services/ai/matching/queue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "services/ai/matching/teams.h"

enum { NOBODY = UINT32_MAX };

struct ticket {
    struct queue_id id;
    double mu;
    uint64_t joined_ms, turn; // turns count joins, so they order equal times too
    uint32_t earlier, later;  // neighbours in order of joining
    uint32_t same_hash;       // next in the bucket, or next free ticket
};

struct queue {
    struct queue_options options;
    uint32_t seats, room, waiting;
    uint64_t turns;
    uint32_t first, last; // in order of joining
    uint32_t free;
    struct ticket *tickets;
    uint32_t *by_rating; // tickets in order of (mu, turn)
    uint32_t *buckets;   // bucket_count of them, a power of two
    uint32_t bucket_count;
};

static uint32_t count_seats(const struct queue_options *options)
{
    if (options->teams == 0 || options->teams > QUEUE_MAX_TEAMS) return 0;
    uint32_t seats = 0;
    for (uint32_t i = 0; i < options->teams; i++) {
        if (options->team_sizes[i] == 0 || options->team_sizes[i] > QUEUE_MAX_PLAYERS - seats) return 0;
        seats += options->team_sizes[i];
    }
    return seats;
}

static bool options_are_sane(const struct queue_options *options)
{
    return options->window >= 0 && options->window_per_s >= 0 && isfinite(options->window) &&
           isfinite(options->window_per_s) && count_seats(options) > 0;
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
        queue->tickets[i].same_hash = i + 1 < queue->room ? i + 1 : NOBODY;
    for (uint32_t i = 0; i < queue->bucket_count; i++) queue->buckets[i] = NOBODY;
}

struct queue *queue_create(const struct queue_options *options, uint32_t room)
{
    if (room == 0 || room > 1u << 30 || !options_are_sane(options)) return NULL;
    struct queue *queue = calloc(1, sizeof *queue);
    if (!queue) return NULL;
    queue->options = *options;
    queue->seats = count_seats(options);
    queue->room = room;
    queue->bucket_count = power_of_two_above(room);
    queue->tickets = calloc(room, sizeof *queue->tickets);
    queue->by_rating = calloc(room, sizeof *queue->by_rating);
    queue->buckets = calloc(queue->bucket_count, sizeof *queue->buckets);
    if (!queue->tickets || !queue->by_rating || !queue->buckets) {
        queue_destroy(queue);
        return NULL;
    }
    empty_queue(queue);
    return queue;
}

void queue_destroy(struct queue *queue)
{
    if (!queue) return;
    free(queue->tickets);
    free(queue->by_rating);
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

static uint32_t find_ticket(const struct queue *queue, const struct queue_id *id)
{
    uint32_t found = *bucket_of(queue, id);
    while (found != NOBODY && memcmp(&queue->tickets[found].id, id, sizeof *id) != 0)
        found = queue->tickets[found].same_hash;
    return found;
}

bool queue_ahead(const struct queue *queue, struct queue_id id, uint32_t *ahead)
{
    uint32_t found = find_ticket(queue, &id);
    if (found == NOBODY) return false;
    *ahead = 0;
    for (uint32_t at = queue->tickets[found].earlier; at != NOBODY; at = queue->tickets[at].earlier) ++*ahead;
    return true;
}

static bool rated_below(const struct ticket *a, const struct ticket *b)
{
    return a->mu < b->mu || (a->mu == b->mu && a->turn < b->turn);
}

// The place of the ticket in by_rating, or where it would be.
static uint32_t rating_place(const struct queue *queue, const struct ticket *ticket)
{
    uint32_t low = 0, high = queue->waiting;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (rated_below(&queue->tickets[queue->by_rating[middle]], ticket))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void link_ticket(struct queue *queue, uint32_t index)
{
    struct ticket *ticket = &queue->tickets[index];
    uint32_t place = rating_place(queue, ticket), *bucket = bucket_of(queue, &ticket->id);
    memmove(&queue->by_rating[place + 1], &queue->by_rating[place],
            (queue->waiting - place) * sizeof(uint32_t));
    queue->by_rating[place] = index;
    queue->waiting++;

    ticket->same_hash = *bucket;
    *bucket = index;
    ticket->earlier = queue->last;
    ticket->later = NOBODY;
    *(queue->last == NOBODY ? &queue->first : &queue->tickets[queue->last].later) = index;
    queue->last = index;
}

static void unlink_ticket(struct queue *queue, uint32_t index)
{
    struct ticket *ticket = &queue->tickets[index];
    uint32_t place = rating_place(queue, ticket), *link = bucket_of(queue, &ticket->id);
    queue->waiting--;
    memmove(&queue->by_rating[place], &queue->by_rating[place + 1],
            (queue->waiting - place) * sizeof(uint32_t));

    while (*link != index) link = &queue->tickets[*link].same_hash;
    *link = ticket->same_hash;
    *(ticket->earlier == NOBODY ? &queue->first : &queue->tickets[ticket->earlier].later) = ticket->later;
    *(ticket->later == NOBODY ? &queue->last : &queue->tickets[ticket->later].earlier) = ticket->earlier;
    ticket->same_hash = queue->free;
    queue->free = index;
}

enum queue_join queue_join(struct queue *queue, struct queue_id id, double mu, uint64_t now_ms)
{
    if (!isfinite(mu)) return QUEUE_BAD_RATING;
    if (find_ticket(queue, &id) != NOBODY) return QUEUE_ALREADY_WAITING;
    if (queue->free == NOBODY) return QUEUE_FULL;
    uint32_t index = queue->free;
    queue->free = queue->tickets[index].same_hash;
    queue->tickets[index] = (struct ticket){.id = id, .mu = mu, .joined_ms = now_ms, .turn = queue->turns++};
    link_ticket(queue, index);
    return QUEUE_JOINED;
}

bool queue_leave(struct queue *queue, struct queue_id id)
{
    uint32_t index = find_ticket(queue, &id);
    if (index == NOBODY) return false;
    unlink_ticket(queue, index);
    return true;
}

static uint64_t waited_ms(const struct ticket *ticket, uint64_t now_ms)
{
    return now_ms > ticket->joined_ms ? now_ms - ticket->joined_ms : 0;
}

static double queue_window(const struct queue *queue, const struct ticket *ticket, uint64_t now_ms)
{
    uint64_t waited = waited_ms(ticket, now_ms);
    if (waited >= queue->options.patience_ms) return INFINITY;
    return queue->options.window + queue->options.window_per_s * (double)waited / 1000;
}

// Of the next one below and the next one above, the nearer to the chooser; of equally near ones, the one that
// waits longer.
static bool prefer_below(const struct ticket *chooser, const struct ticket *below, const struct ticket *above)
{
    double down = chooser->mu - below->mu, up = above->mu - chooser->mu;
    return down < up || (down == up && below->turn < above->turn);
}

// Tickets of one rating are in order of joining, so the longest waiting of a rating below is the first of its
// run.
static uint32_t run_start(const struct queue *queue, uint32_t place)
{
    struct ticket first = {.mu = queue->tickets[queue->by_rating[place]].mu, .turn = 0};
    return rating_place(queue, &first);
}

// The tickets still to choose from while walking away from the chooser on both sides: a run of equal ratings
// below is taken from its start, so `run` to `run_end` is what is left of it, and `low` is where the next run
// ends.
struct walk {
    uint32_t low, run, run_end, high;
};

static void next_run(const struct queue *queue, struct walk *walk)
{
    if (walk->run < walk->run_end || walk->low == 0) return;
    walk->run_end = walk->low;
    walk->run = walk->low = run_start(queue, walk->low - 1);
}

static const struct ticket *ticket_at(const struct queue *queue, uint32_t place)
{
    return &queue->tickets[queue->by_rating[place]];
}

static uint32_t nearest_left(const struct queue *queue, const struct ticket *chooser, struct walk *walk)
{
    next_run(queue, walk);
    bool has_below = walk->run < walk->run_end, has_above = walk->high < queue->waiting;
    if (!has_below && !has_above) return NOBODY;
    if (!has_above) return queue->by_rating[walk->run++];
    if (has_below && prefer_below(chooser, ticket_at(queue, walk->run), ticket_at(queue, walk->high)))
        return queue->by_rating[walk->run++];
    return queue->by_rating[walk->high++];
}

// Fills `chosen` with the chooser and the nearest others; false if its window does not hold enough.
static bool queue_choose(const struct queue *queue, uint32_t chooser, uint64_t now_ms, uint32_t *chosen)
{
    const struct ticket *ticket = &queue->tickets[chooser];
    double reach = queue_window(queue, ticket, now_ms);
    uint32_t place = rating_place(queue, ticket);
    struct walk walk = {.low = place, .run = place, .run_end = place, .high = place + 1};
    chosen[0] = chooser;
    for (uint32_t i = 1; i < queue->seats; i++) {
        chosen[i] = nearest_left(queue, ticket, &walk);
        if (chosen[i] == NOBODY || fabs(queue->tickets[chosen[i]].mu - ticket->mu) > reach) return false;
    }
    return true;
}

static void seat_in_turn(const struct queue *queue, uint32_t *chosen, uint64_t now_ms,
                         struct queue_match *match)
{
    match->players = queue->seats;
    for (uint32_t i = 0; i < queue->seats; i++) {
        uint32_t index = chosen[i], place = i;
        for (; place > 0 && queue->tickets[chosen[place - 1]].turn > queue->tickets[index].turn; place--)
            chosen[place] = chosen[place - 1];
        chosen[place] = index;
    }
    for (uint32_t i = 0; i < queue->seats; i++) {
        const struct ticket *ticket = &queue->tickets[chosen[i]];
        match->seats[i] = (struct queue_seat){ticket->id, ticket->mu, waited_ms(ticket, now_ms), 0};
    }
}

static void form_teams(const struct queue_options *options, struct queue_match *match)
{
    double mu[QUEUE_MAX_PLAYERS], highest = -INFINITY, lowest = INFINITY;
    uint32_t team[QUEUE_MAX_PLAYERS];
    for (uint32_t i = 0; i < match->players; i++) {
        mu[i] = match->seats[i].mu;
        highest = fmax(highest, mu[i]);
        lowest = fmin(lowest, mu[i]);
    }
    match->spread = highest - lowest;
    teams_balance(mu, match->players, options->team_sizes, options->teams, team);
    for (uint32_t i = 0; i < match->players; i++) match->seats[i].team = team[i];
}

static bool queue_contains(const uint32_t *chosen, uint32_t count, uint32_t index)
{
    for (uint32_t i = 0; i < count; i++)
        if (chosen[i] == index) return true;
    return false;
}

// Takes the chosen out and returns the next chooser.
static uint32_t unlink_chosen(struct queue *queue, const uint32_t *chosen, uint32_t chooser)
{
    uint32_t before = queue->tickets[chooser].earlier;
    while (before != NOBODY && queue_contains(chosen, queue->seats, before))
        before = queue->tickets[before].earlier;
    for (uint32_t i = 0; i < queue->seats; i++) unlink_ticket(queue, chosen[i]);
    return before == NOBODY ? queue->first : queue->tickets[before].later;
}

// One pass is enough: a match only takes choices away from players that found too few before.
uint32_t queue_take(struct queue *queue, uint64_t now_ms, struct queue_match *matches, uint32_t room)
{
    uint32_t taken = 0, chosen[QUEUE_MAX_PLAYERS] = {0}, at = queue->first;
    while (at != NOBODY && taken < room && queue->waiting >= queue->seats) {
        if (!queue_choose(queue, at, now_ms, chosen)) {
            at = queue->tickets[at].later;
            continue;
        }
        seat_in_turn(queue, chosen, now_ms, &matches[taken]);
        form_teams(&queue->options, &matches[taken++]);
        at = unlink_chosen(queue, chosen, at);
    }
    return taken;
}
