// What the processes of events tell each other when they share a store: that an event has an entry. A copy
// in memory then reads on when it is entered next, instead of finding out by a conflict.
#ifndef EVENTS_TOPICS_PEERS_H
#define EVENTS_TOPICS_PEERS_H

#include "services/events/events.h"

struct bus_keys;

struct peers_source {
    const char *bus; // the processes' addresses, ours among them
    struct bus_keys *bus_keys;
};

// Listens on a thread of its own. With an exclusive store there is nobody to listen to.
MUST_CHECK bool events_peers_follow(struct events *events, const struct peers_source *source,
                                    struct err *err);
void events_peers_unfollow(struct events *events); // also when it did not follow
// A user was told something. Any thread; never blocks.
void events_peers_tell_user(struct events *events, const char *user_id, uint64_t seq);
// An entry is durable. Any thread; never blocks.
void events_peers_tell(struct events *events, const char *event_id, uint64_t seq);

#endif
