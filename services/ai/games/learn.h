// Finished games are taken in here: the stream events.games is followed, and each of its games counts once,
// in the order that ai.games gives them. So is events.locks, whose tables have their forecasts kept until the
// game ends. The place that was reached is stored in the append with what comes of it. Of several processes
// one does it; that nothing counts twice rests on the append's number alone.
#ifndef AI_GAMES_LEARN_H
#define AI_GAMES_LEARN_H

#include "lib/bus/consumer.h"
#include "services/ai/ai.h"

#define GAMES_STREAM "events.games"
#define LOCKS_STREAM "events.locks"

struct games;

struct games_source {
    const char *bus, *feed; // events' addresses
    struct bus_keys *bus_keys;
};

MUST_CHECK bool games_open(struct games **games, struct ai *ai, struct err *err);
void games_close(struct games *games); // after games_unfollow; NULL is fine
// Follows events, whether it is running or not, on a thread of its own, from the place that is stored.
MUST_CHECK bool games_follow(struct games *games, const struct games_source *source, struct err *err);
void games_unfollow(struct games *games); // NULL is fine
// Applies a page of events.games at this time; blocks until it is durable. The follower calls it.
MUST_CHECK bool games_learn(struct games *games, const struct bus_batch *batch, int64_t now_ms,
                            struct err *err);
// The same of events.locks. SERVICE_BUSY while a process may live that does not know what comes of it.
MUST_CHECK bool games_expect(struct games *games, const struct bus_batch *batch, int64_t now_ms,
                             struct err *err);
// Takes the user's id out of what is stored; the number and what it played stay. Repeating is harmless;
// blocks.
MUST_CHECK bool games_forget(struct games *games, const char *user_id, int64_t now_ms, struct err *err);

#endif
