// Events that are not over and that nobody leads: their god was demoted, is suspended, or has no account any
// more. They lie until a dev hands them over, or they expire; so devs are told how many there are, by
// conse_events_without_god, and which, by the log.
#ifndef EVENTS_NAMES_LEADERS_H
#define EVENTS_NAMES_LEADERS_H

#include "services/events/events.h"

struct metric;

struct leaders {
    struct metric *without_god;
    int64_t looked_ms; // monotonic; 0: not yet
    size_t count;      // that were found last
};

void leaders_init(struct leaders *leaders, struct metrics *metrics); // NULL is fine
// Counts them all at this time, and tells when there are more than before; false when the store can't be
// read.
bool leaders_look(struct events *events, struct leaders *leaders, int64_t now_ms);
// The same once a minute; others means that another process does it.
void leaders_tick(struct events *events, struct leaders *leaders, bool others);

#endif
