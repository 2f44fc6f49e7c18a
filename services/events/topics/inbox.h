// Handing out an event's entries to the topics of the people they are for. One thread at a time in the whole
// service.
#ifndef EVENTS_TOPICS_INBOX_H
#define EVENTS_TOPICS_INBOX_H

#include "services/events/events.h"

// Everything durable that was not handed out yet; returns when it is durable and published. repeated: some of
// it may have been handed out before a crash or a failure, so the topics are looked through first.
MUST_CHECK bool inbox_run(struct events *events, const char *event_id, bool repeated, struct arena *arena,
                          struct err *err);

#endif
