// An event as everybody sees it, with the spectators' delay: what may leave the house. Blocks.
#ifndef EVENTS_PUSH_PUBLIC_LOG_H
#define EVENTS_PUSH_PUBLIC_LOG_H

#include "services/events/push/topic_rows.h"

struct public_page {
    Bus__Notice **notices; // of events.<id>.public, with payload
    size_t count;
    uint64_t head; // number of the newest that may be seen now
    bool late;     // there are newer ones, which may be seen later
    struct uuid god_id, group_id;
};

struct public_query {
    const char *event_id;
    uint64_t from;
    size_t limit;
    // The event as it was at this time (monotonic) or later, whoever wrote it, also when nobody told this
    // process of it; 0: as it is known here.
    int64_t since_ns;
};

// NOT_FOUND when there is no such event, or no more.
MUST_CHECK bool public_read(struct events *events, const struct public_query *query, struct arena *arena,
                            struct public_page *page, struct err *err);
// topic_may by the event as it is now.
MUST_CHECK bool topic_may_now(struct events *events, const Push__TopicRow *row, int64_t now_ms,
                              struct arena *arena, bool *may, struct err *err);

#endif
