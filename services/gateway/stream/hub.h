// News of streams for their listeners on one loop. A listener that subscribes first and reads then misses
// nothing: news come in the bus's order per stream, each at least once, and `seq` shows which are known
// already. One per loop, for its thread alone.
#ifndef GATEWAY_STREAM_HUB_H
#define GATEWAY_STREAM_HUB_H

#include <stdatomic.h>

#include "lib/base/err.h"
#include "lib/base/shared.h"

struct hub;
struct hub_stream;
struct loop;
struct topics;

#define NEWS_OVERRUN "OVERRUN"
#define NEWS_HINT "HINT"

struct news {
    atomic_uint holders;
    uint64_t hash;
    uint64_t seq; // in the stream; 0 when news were dropped: read again, and of a hint
    int64_t time_ms;
    const char *kind;       // NEWS_OVERRUN when news were dropped; NEWS_HINT: see bus_hint
    struct shared *payload; // NULL: private, or only announced: read it
    char stream[];
};

struct news *news_hold(struct news *news); // returns its argument; any thread, like news_drop
void news_drop(struct news *news);         // NULL is fine

// The owner's memory, from hub_subscribe until hub_unsubscribe. news() is called from hub_awake. The news are
// borrowed, and any subscription may begin or end meanwhile, this one too.
struct hub_subscription {
    void (*news)(void *arg, const struct news *news);
    void *arg;
    struct hub_stream *stream; // NULL: to nothing
    struct hub_subscription *next, **link;
};

enum { HUB_STREAMS_MOST = 65536, HUB_INBOX_MOST = 65536 };

// index: of the loop, below TOPICS_LOOPS_MOST. The loop's awake calls hub_awake.
MUST_CHECK bool hub_create(struct hub **hub, struct topics *topics, struct loop *loop, size_t index,
                           struct err *err);
void hub_destroy(struct hub *hub); // when nobody listens and nothing is published any more; NULL is fine
// In force when it returns. SERVICE_BUSY when this loop already listens to HUB_STREAMS_MOST others.
MUST_CHECK bool hub_subscribe(struct hub *hub, struct hub_subscription *subscription, const char *stream,
                              struct err *err);
void hub_unsubscribe(struct hub *hub,
                     struct hub_subscription *subscription); // fine when it is not subscribed
void hub_awake(struct hub *hub);
// For the publisher, any thread: keeps the news for the loop and wakes it. When HUB_INBOX_MOST wait there, or
// there was no memory for them (NULL), they are dropped and all listeners on the loop are told so.
void hub_push(struct hub *hub, struct news *news);

#endif
