// What happens in an event, as everybody may see it now, is appended to the streams of the topics that
// publish it. Each entry is its own source, so it is there once, whoever appends it and how often. Blocks.
#ifndef EVENTS_PUSH_FEEDER_H
#define EVENTS_PUSH_FEEDER_H

#include "services/events/push/topic_rows.h"

struct feeder {
    struct events *events;
    struct arena *arena;
    void (*fed)(void *arg, const Push__TopicRow *row); // something new is in the topic's stream; or NULL
    void *arg;
};

// *late: more may be seen later, without news.
MUST_CHECK bool feeder_look(struct feeder *feeder, const char *event_id, bool *late, struct err *err);

#endif
