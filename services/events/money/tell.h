// The stream events.money: what chain must know of seats that cost something, and of deals that wait for its
// cluster, one entry each, in the order of each event's log. It has no role before the game is done. The
// projector's thread makes it from the events' own streams, and its first sweep completes it.
#ifndef EVENTS_MONEY_TELL_H
#define EVENTS_MONEY_TELL_H

#include "services/events/events.h"

#define MONEY_STREAM "events.money"
#define MONEY_KIND "MONEY"

// Tells what the event's entries say that was not told yet; returns when that is durable. Each has an effect
// once: its source is the entry.
MUST_CHECK bool money_run(struct events *events, const char *event_id, struct arena *arena, struct err *err);
// Tells that a deleted event had payments, behind the write of this ticket, once; returns the write's ticket,
// 0 without memory.
uint64_t money_tell_deleted(struct events *events, const char *event_id, uint64_t after);
// The same of an event that has a row, but no entries any more; returns when it is durable.
MUST_CHECK bool money_mourn(struct events *events, const char *event_id, struct arena *arena,
                            struct err *err);

// Tells how the catalogue has each role that was changed since it came: a version of it once, in no order.
// Returns when it is durable.
MUST_CHECK bool money_tell_roles(struct events *events, struct arena *arena, struct err *err);

#endif
