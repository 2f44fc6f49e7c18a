// The thread that does what is due: expiry, reminders, ends of phases and polls, and forgetting old commands.
// It reads what is due from the events' rows, so a restart misses nothing.
#ifndef EVENTS_LIVE_TIMERS_H
#define EVENTS_LIVE_TIMERS_H

#include "services/events/events.h"

struct timers;

MUST_CHECK bool timers_start(struct timers **timers, struct events *events, struct err *err);
void timers_stop(struct timers *timers);
// One look at what is due by now_ms; returns how many events were worked on.
size_t timers_look(struct events *events, int64_t now_ms);
// One look at all running timers, after the clock was set back. False when it must be done again.
bool timers_mend(struct events *events, int64_t now_ms);

#endif
