// Lists of events, from their rows: by state, group, god or player, with a text and a time range, page by
// page.
#ifndef EVENTS_HANDLERS_EXPLORE_H
#define EVENTS_HANDLERS_EXPLORE_H

#include "services/events/events.h"

// Ascending by start when starts_after is given, else the latest start first; a player's events by creation.
// A page may have fewer events than asked for although more follow, when a text matches rarely.
MUST_CHECK bool explore(struct events *events, const Events__ListEventsRequest *request,
                        Events__ListEventsReply *reply, struct arena *arena, struct err *err);

#endif
