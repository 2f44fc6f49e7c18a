// When nothing may light up at somebody's: while it is night in a game that they have a part in, and because
// of what they were told in such a night. Blocks.
#ifndef EVENTS_PUSH_NIGHTS_H
#define EVENTS_PUSH_NIGHTS_H

#include "services/events/events.h"

// Whether it is night now in a game that the user has a part in; also when they have too many seats to find
// out.
MUST_CHECK bool nights_now(struct events *events, const char *user_id, bool *night, struct err *err);

struct night_span {
    int64_t from_ms, until_ms;
};

// Those of one event.
struct nights {
    struct nights *next;
    const char *event_id;
    struct night_span *spans;
    size_t count;
};

struct nights_asker {
    struct events *events;
    const char *user_id;
    struct arena *arena;
    struct nights *known; // what was looked at; NULL at first
};

// Whether this is of a night of an event in which the user is somebody. What ends an event is of none: all
// are told of it.
MUST_CHECK bool nights_told_in(struct nights_asker *asker, const Events__MeEntry *entry, bool *told,
                               struct err *err);

#endif
