// What leaves the house: events' public streams by topics, webhooks and channels of a Redis. One process does
// it at a time, who has the lease `push`; a crash or a hand-over loses nothing and repeats at most what was
// under way, in channels what was published in the last minute.
#ifndef EVENTS_PUSH_PUSH_H
#define EVENTS_PUSH_PUSH_H

#include "services/events/events.h"
#include "services/events/push/turns.h"

struct push;

MUST_CHECK bool push_open(struct push **push, struct events *events, struct err *err);
void push_close(struct push *push); // when the store is closed; NULL is fine
// The threads. They end what is under way before push_stop returns; NULL is fine.
MUST_CHECK bool push_start(struct push *push, struct err *err);
void push_stop(struct push *push);

// An event has something new, or may have. Any thread; never blocks long.
void push_wake(struct push *push, const char *event_id);
// A topic was made, or its webhook has something to do.
void push_ring(struct push *push, const struct turn_of *topic);

// The rows of topics that are no more, the oldest entries of those that are, and topics and browsers of
// accounts that are gone. Blocks.
MUST_CHECK bool push_sweep(struct events *events, int64_t now_ms, struct err *err);

#endif
