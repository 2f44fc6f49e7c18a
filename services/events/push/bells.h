// The threads that tell browsers of news: in the process with the lease `push`.
#ifndef EVENTS_PUSH_BELLS_H
#define EVENTS_PUSH_BELLS_H

#include "services/events/events.h"

struct bells;

MUST_CHECK bool bells_open(struct bells **bells, struct events *events, struct err *err);
void bells_close(struct bells *bells); // when the store is closed; NULL is fine
MUST_CHECK bool bells_start(struct bells *bells, struct err *err);
void bells_stop(struct bells *bells); // ends what is under way; NULL is fine
// The user was told something. Any thread; never blocks long.
void bells_wake(struct bells *bells, const char *user_id);

#endif
