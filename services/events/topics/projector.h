// The thread that hands out people's own topics, and brings the rows made from events up to date after a
// crash. Everything it does can be repeated: it records how far each event has been handed out.
#ifndef EVENTS_TOPICS_PROJECTOR_H
#define EVENTS_TOPICS_PROJECTOR_H

#include "services/events/events.h"

struct projector;

// Begins with a sweep over all events.
MUST_CHECK bool projector_start(struct projector **projector, struct events *events, struct err *err);
// It may still be woken, until the store is closed.
void projector_stop(struct projector *projector);
void projector_destroy(struct projector *projector);
// Whether the first sweep has ended, and its writes are stored.
bool projector_caught_up(const struct projector *projector);
// Reports that something of this event must be handed out. Never blocks long; NULL is fine.
void projector_wake(struct projector *projector, const char *event_id);
// The same in half a second, for work that could not be done now.
void projector_wake_later(struct projector *projector, const char *event_id);

#endif
