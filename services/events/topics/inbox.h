// Handing out an event's entries to the topics of the people they are for. One thread at a time in the whole
// service.
#ifndef EVENTS_TOPICS_INBOX_H
#define EVENTS_TOPICS_INBOX_H

#include "services/events/events.h"

// Hands out everything durable that was not handed out yet; returns when that is durable and published. Each
// entry is its own source, so an entry handed out before a crash or a failure comes once.
MUST_CHECK bool inbox_run(struct events *events, const char *event_id, struct arena *arena, struct err *err);

#endif
