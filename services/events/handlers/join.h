// Codes by which events are found.
#ifndef EVENTS_HANDLERS_JOIN_H
#define EVENTS_HANDLERS_JOIN_H

#include "services/events/events.h"

// Whether an event that is not over has the code that this id would have.
MUST_CHECK bool join_code_is_taken(struct events *events, const char *event_id, struct arena *arena,
                                   bool *taken, struct err *err);

#endif
