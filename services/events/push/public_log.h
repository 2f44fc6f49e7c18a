// An event as everybody sees it, with the spectators' delay: what may leave the house. Blocks.
#ifndef EVENTS_PUSH_PUBLIC_LOG_H
#define EVENTS_PUSH_PUBLIC_LOG_H

#include "services/events/events.h"

struct public_page {
    Bus__Notice **notices; // of events.<id>.public, with payload
    size_t count;
    uint64_t head; // number of the newest that may be seen now
    bool late;     // there are newer ones, which may be seen later
    struct uuid god_id;
};

// NOT_FOUND when there is no such event, or no more.
MUST_CHECK bool public_read(struct events *events, const char *event_id, uint64_t from, size_t limit,
                            struct arena *arena, struct public_page *page, struct err *err);

#endif
