// Within a tick: who waits, and the open events at which they might sit down.
#ifndef AI_POOL_SEEK_H
#define AI_POOL_SEEK_H

#include "services/ai/ai.h"
#include "services/ai/matching/queue.h"
#include "services/ai/pool/outside.h"
#include "services/ai/pool/rows.h"

// How long before its beginning an event is offered no more; how far apart two are at both of which one may
// have a seat.
enum { SEEK_LEAD_MS = 60 * 1000, SEEK_CLASH_MS = 3 * 3600 * 1000 };

extern const struct queue_options seek_options;

// Somebody who waits, by the place among all.
struct seeker {
    const Queue__TicketRow *row; // lent
    uint64_t version;
    const char *user_id;
    bool barred; // from the event that is looked at
    bool busy_known;
    const int64_t *busy; // when events begin at which they have seats
    const char *const *busy_ids;
    size_t busy_count;
};

struct pair {
    uint32_t a, b;
};

struct seek {
    struct ai *ai;
    const struct outside *outside;
    struct arena *arena;
    int64_t now_ms;
    struct queue *queue;
    struct seeker *seekers;
    size_t count;
    const Events__Event *event; // that is looked at, as in lists
    int64_t starts_ms;          // of it
    struct pair *pairs;         // who may not sit down together
    size_t pair_count, pair_room;
    uint32_t rounds; // of questions about those who might sit down
};

// Reads who waits, with the ratings that they have now. seek_finish in any case.
MUST_CHECK bool seek_begin(struct seek *seek, struct ai *ai, const struct outside *outside,
                           struct arena *arena, int64_t now_ms, struct err *err);
void seek_finish(struct seek *seek);

// Whom of those who wait an event with so many free seats would have: *found is false when there are too
// few. Blocks between people, and seats that they have elsewhere, are asked for.
struct seek_wish {
    const Events__Event *event; // as in lists
    uint32_t promised;          // seats that are offered to others,
    const char **promised_to;   // who are
    size_t promised_count;
};
MUST_CHECK bool seek_for(struct seek *seek, const struct seek_wish *wish, struct queue_match *match,
                         uint32_t *needed, bool *found, struct err *err);
void seek_take(struct seek *seek, const struct queue_match *match);

// What finished games say of somebody.
struct rating seek_belief(struct ai *ai, const char *user_id, int64_t now_ms);
// The rating by which others are sought: of who shows theirs to nobody a newcomer's, so that nothing that
// follows from it tells what it is.
struct rating seek_rating(struct ai *ai, const char *user_id, int64_t now_ms);

// Whether somebody wants such an event at all.
bool seek_wants(const Queue__Wishes *wishes, const Events__Event *event, int64_t now_ms);

#endif
