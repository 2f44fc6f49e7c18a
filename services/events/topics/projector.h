// The thread that hands out what people are told on their own topics, and that brings the rows made from
// events up to date after a crash. Everything it does can be repeated: it keeps how far each event has been
// handed out.
#ifndef EVENTS_TOPICS_PROJECTOR_H
#define EVENTS_TOPICS_PROJECTOR_H

#include "services/events/events.h"

struct projector;

// Begins with a sweep over all events.
MUST_CHECK bool projector_start(struct projector **projector, struct events *events, struct err *err);
// It may still be woken, until the store is closed.
void projector_stop(struct projector *projector);
void projector_destroy(struct projector *projector);
// The first sweep has ended, and what it wrote is stored.
bool projector_caught_up(const struct projector *projector);
// There is something to hand out of this event. Never blocks long; NULL is fine.
void projector_wake(struct projector *projector, const char *event_id);
// The same in half a second, for what could not be done now.
void projector_wake_later(struct projector *projector, const char *event_id);

#endif
