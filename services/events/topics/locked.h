// The stream events.locks: who is seated and which cards there are, once an event is locked, for services
// that foretell how its game ends. All of it is public by then. The projector's thread makes it from the
// events as they are.
#ifndef EVENTS_TOPICS_LOCKED_H
#define EVENTS_TOPICS_LOCKED_H

#include "services/events/events.h"

#define LOCKS_STREAM "events.locks"
#define LOCKS_KIND "LOCK"

// Tells the event's table, when it is locked and not told yet for this deal, or that there will be no game
// after all; returns when that is durable. Each has an effect once: the number of the deal is its source.
MUST_CHECK bool locked_run(struct events *events, const char *event_id, struct arena *arena, struct err *err);

#endif
