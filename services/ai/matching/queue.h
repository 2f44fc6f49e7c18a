#ifndef AI_QUEUE_H
#define AI_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services/ai/matching/teams.h"

// Matchmaking for one kind of game: players wait until there are enough others of similar rating. The longest
// waiting choose first, from a window around their rating that widens as they wait and finally has everybody,
// so nobody starves. All memory is allocated at create; the caller gives the time and lets in one thread at a
// time. Time never makes a join fail.

enum { QUEUE_MAX_TEAMS = TEAMS_MAX, QUEUE_MAX_PLAYERS = TEAMS_MAX_PLAYERS };

struct queue;

struct queue_options {
    uint32_t team_sizes[QUEUE_MAX_TEAMS]; // one team: a table whose sides are dealt later
    uint32_t teams;
    double window;        // the difference in skill points that is acceptable at once
    double window_per_s;  // how much a second of waiting widens it
    uint64_t patience_ms; // after this wait any others are acceptable
};

struct queue_id {
    uint8_t bytes[16];
};

struct queue_seat {
    struct queue_id id;
    double mu;
    uint64_t waited_ms;
    uint32_t team;
};

struct queue_match {
    struct queue_seat seats[QUEUE_MAX_PLAYERS]; // the longest waiting first
    uint32_t players;
    double spread; // highest minus lowest rating
};

enum queue_join { QUEUE_JOINED, QUEUE_ALREADY_WAITING, QUEUE_FULL, QUEUE_BAD_RATING };

// NULL without memory, with room for nobody, and for options without teams, with an empty team, with more
// than QUEUE_MAX_PLAYERS seats, or with a window that is negative or not finite. `queue_destroy` takes NULL.
struct queue *queue_create(const struct queue_options *options, uint32_t room);
void queue_destroy(struct queue *queue);

enum queue_join queue_join(struct queue *queue, struct queue_id id, double mu, uint64_t now_ms);
bool queue_leave(struct queue *queue, struct queue_id id); // false: was not waiting

// Takes out at most `room` matches. When it returns fewer, then either too few players wait for another match
// or none has waited for patience_ms. Nearest ratings go first, then longer waits; teams have similar
// strength.
uint32_t queue_take(struct queue *queue, uint64_t now_ms, struct queue_match *matches, uint32_t room);

uint32_t queue_waiting(const struct queue *queue);

// How many joined earlier and still wait; false: is not waiting.
bool queue_ahead(const struct queue *queue, struct queue_id id, uint32_t *ahead);

#endif
