// Delivering a topic's entries to its webhook: one after another, each until it is taken or, a day later,
// given up. How far it is, is a row; so whoever goes on sends at most the last one again, under the same id.
// Blocks.
#ifndef EVENTS_PUSH_COURIER_H
#define EVENTS_PUSH_COURIER_H

#include "lib/net/outside.h"
#include "services/events/push/topic_rows.h"

struct courier {
    struct events *events;
    const struct outside *outside;
    struct arena *arena;
    // Of the last step:
    bool idle;       // there is no such webhook, or its owner may not have it
    int64_t took_ms; // how long it was waited for the receiver
};

// Does what is next of the topic, at most one delivery. *again_ms: when there may be more to do (unix);
// now_ms: at once; INT64_MAX: with news, or never.
MUST_CHECK bool courier_step(struct courier *courier, const char *name, int64_t now_ms, int64_t *again_ms,
                             struct err *err);

// The milliseconds until the next try after so many failures in a row, without the spread.
int64_t courier_pause_ms(int64_t first_ms, int32_t failures);
void dead_row_id(char *id, size_t size, const char *topic_id, uint64_t index);

#endif
