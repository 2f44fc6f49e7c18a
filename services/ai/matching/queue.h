#ifndef AI_QUEUE_H
#define AI_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Matchmaking: who of those that wait sit down together at a table. The longest waiting choose first, from a
// window around their rating that widens as they wait and finally has everybody, so nobody starves. All
// memory is allocated at create; the caller gives the time and lets in one thread at a time. Time never makes
// a join fail. Sides are dealt later, so there are no teams.

enum { QUEUE_MOST_SEATS = 100 };

struct queue;

struct queue_options {
    double window;        // the difference in skill points that is acceptable at once
    double window_per_s;  // how much a second of waiting widens it, and what a second of waiting is worth
    uint64_t patience_ms; // after this wait any others are acceptable
};

struct queue_id {
    uint8_t bytes[16];
};

struct queue_ticket {
    struct queue_id id;
    uint32_t tag; // the caller's own number for it
    double mu;
    uint64_t joined_ms;          // who comes back with an earlier time has their old place
    uint32_t size_min, size_max; // of a table that they would sit at, 1 to QUEUE_MOST_SEATS
    double below, above;         // how far from theirs the ratings of others may be; INFINITY: any
};

// A table that some of those who wait may sit down at.
struct queue_table {
    uint32_t needed, free; // how many must come, and may; at least 1
    uint32_t taken;        // who sits there already
    uint32_t least, most;  // the game has at least so many, and at most; 0: as many as sit down
    bool rated;            // those who sit there have a rating: mu
    double mu;
    // What nothing makes acceptable: whether somebody may sit here, and two of them together. NULL: anybody.
    bool (*admits)(void *arg, uint32_t tag);
    bool (*clash)(void *arg, uint32_t a, uint32_t b);
    void *arg;
};

struct queue_seat {
    struct queue_id id;
    uint32_t tag;
    double mu;
    uint64_t waited_ms;
};

struct queue_match {
    struct queue_seat seats[QUEUE_MOST_SEATS]; // the longest waiting first
    uint32_t players;
    double spread; // highest minus lowest rating, of who sits there too
    double score;  // window_per_s times all seconds of waiting, minus the spread
};

enum queue_join { QUEUE_JOINED, QUEUE_ALREADY_WAITING, QUEUE_FULL, QUEUE_BAD_TICKET };

// NULL without memory, with room for nobody, and for options with a window that is negative or not finite.
// `queue_destroy` takes NULL.
struct queue *queue_create(const struct queue_options *options, uint32_t room);
void queue_destroy(struct queue *queue);

enum queue_join queue_join(struct queue *queue, const struct queue_ticket *ticket);
bool queue_leave(struct queue *queue, struct queue_id id);             // false: was not waiting
bool queue_set_mu(struct queue *queue, struct queue_id id, double mu); // the same; false too for no number

// The best match for a table; false: none yet. Whoever has waited for patience_ms, the longest first, gets
// one if others fit; then of the matches of those who wait longest the one with the best score. Nobody is
// passed over for who waits less and has as near a rating. Nobody is taken out.
bool queue_propose(struct queue *queue, const struct queue_table *table, uint64_t now_ms,
                   struct queue_match *match);
void queue_take(struct queue *queue, const struct queue_match *match);

uint32_t queue_waiting(const struct queue *queue);

// How many joined earlier and still wait; false: is not waiting.
bool queue_ahead(const struct queue *queue, struct queue_id id, uint32_t *ahead);

// How far others may be from who has waited so long; INFINITY: any.
double queue_window(const struct queue_options *options, uint64_t waited_ms);

#endif
