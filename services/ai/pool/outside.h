// Asking events, auth and chain, in somebody's name or in nobody's.
#ifndef AI_POOL_OUTSIDE_H
#define AI_POOL_OUTSIDE_H

#include "auth.pb-c.h"
#include "events.pb-c.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "rpc.pb-c.h"

struct outside_question {
    const char *method;        // "events.Reserve"
    const Rpc__Caller *caller; // NULL: nobody
    const char *key;           // of a command that is carried out once; or NULL
    const ProtobufCMessage *request;
};

struct outside {
    bool (*ask)(void *arg, const struct outside_question *question, struct arena *arena,
                ProtobufCMessage **reply, struct err *err);
    void *arg;
};

struct ai;
struct lines;
// By RPC; one thread at a time.
MUST_CHECK bool lines_open(struct lines **lines, const struct ai *ai, struct err *err);
void lines_close(struct lines *lines); // NULL is fine
struct outside lines_outside(struct lines *lines);

// ---- Questions

// Open events that begin after a time, as anybody sees them, by their beginning; so many at most.
struct event_list {
    Events__Event **all;
    size_t count;
};
MUST_CHECK bool outside_open_events(const struct outside *outside, int64_t after_ms, struct arena *arena,
                                    struct event_list *list, struct err *err);
// Those of a player, over or not.
MUST_CHECK bool outside_events_of(const struct outside *outside, const Events__ListEventsRequest *request,
                                  size_t most, struct arena *arena, struct event_list *list, struct err *err);
// With those who have seats.
MUST_CHECK bool outside_event(const struct outside *outside, const char *event_id, struct arena *arena,
                              const Events__Event **event, struct err *err);
// Of all who are named: who has blocked whom.
MUST_CHECK bool outside_blocks(const struct outside *outside, const char **user_ids, size_t count,
                               struct arena *arena, const Auth__FindBlocksReply **blocks, struct err *err);
// Each is told once, however often this is asked.
MUST_CHECK bool outside_tell(const struct outside *outside, const Events__TellOfferRequest *request,
                             struct arena *arena, struct err *err);

// Whether it may be asked again: it was not understood to be refused.
bool outside_may_repeat(const struct err *err);

#endif
