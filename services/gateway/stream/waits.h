// Reads that wait for news (?wait=25s). While the reply has none, the asker keeps the wait parked, and is
// called to ask again when one of its streams has news, or to answer when its time is over. At most 512 wait
// on all loops together, half of them without a token. One per loop, for its thread.
#ifndef GATEWAY_STREAM_WAITS_H
#define GATEWAY_STREAM_WAITS_H

#include <stdatomic.h>

#include "lib/net/loop.h"
#include "services/gateway/stream/hub.h"

struct metric;
struct waits;

enum { WAITS_MOST = 512, WAITS_ANONYMOUS_MOST = WAITS_MOST / 2 };
enum { WAIT_LONGEST_MS = 25 * 1000, WAIT_STREAMS_MOST = 3 };

struct waits_count { // on all loops
    atomic_size_t all, anonymous;
};

struct waits_options {
    struct loop *loop;
    struct hub *hub;
    struct metric *parked; // gauge
    struct waits_count *waiting;
};

struct wait_plan {
    const char *streams[WAIT_STREAMS_MOST]; // ended by the first NULL
    int64_t wait_ms;
    bool anonymous;           // without a token
    void (*again)(void *arg); // there may be news
    void (*over)(void *arg);  // there are none
    bool (*holds)(void *arg); // whether the asker's right still holds; NULL: it does
    void *arg;
};

// The owner's memory, from wait_begin to wait_end.
struct wait {
    struct waits *waits;
    struct wait *next, **link;
    struct hub_subscription subscriptions[WAIT_STREAMS_MOST];
    void (*again)(void *arg);
    void (*over)(void *arg);
    bool (*holds)(void *arg);
    void *arg;
    struct loop_timer timer;
    int64_t until_ms, asked_ms; // monotonic; asked_ms: when it was asked last
    int64_t due_ms;             // when there will be news; 0: unknown
    bool parked, noticed;       // noticed: has had news since then
    bool anonymous;
};

MUST_CHECK bool waits_create(struct waits **waits, const struct waits_options *options, struct err *err);
void waits_destroy(struct waits *waits); // NULL is fine
// Some may have lost their right: they ask again at once, which is refused.
void waits_check(struct waits *waits);
// Ends the parked waits, before a stop; nobody waits any more.
void waits_release(struct waits *waits);

// Before the first question, so that no news is missed between that and the parking. False when no more may
// wait.
bool wait_begin(struct wait *wait, struct waits *waits, const struct wait_plan *plan);
// Not parked: one more stream, of which it may have missed news, so it asks again soon. Hints about it count,
// as when it ends. False when it cannot.
bool wait_hear(struct wait *wait, const char *stream);
// Not parked: there will be news in so long, of which no stream tells.
void wait_expect(struct wait *wait, int64_t in_ms);
// After a reply without news. False when its time is over.
bool wait_park(struct wait *wait);
// After a question that failed, for example because the service is away for a moment: it is asked again soon.
bool wait_retry(struct wait *wait);
void wait_unpark(struct wait *wait); // fine when it is not parked; already done before `again` and `over`
void wait_end(struct wait *wait);

#endif
