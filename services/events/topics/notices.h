// The notices of an event's two topics, sent when the entries are on the disk. A notice to the god carries no
// body and its reader fills gaps, so those of ballots are held back for a moment and only the newest is sent.
// Thread-safe, in the topic's order.
#ifndef EVENTS_TOPICS_NOTICES_H
#define EVENTS_TOPICS_NOTICES_H

#include "services/events/live/commit.h"

struct notices;

MUST_CHECK bool notices_open(struct notices **notices, struct events *events, struct err *err);
void notices_close(struct notices *notices);
// The public topic gets all entries first, so a root is public before a card is shown.
void notices_publish(struct notices *notices, const char *event_id, const struct notice *list, size_t count);
// Sends notices that were held back; called every 100 ms.
void notices_flush(struct notices *notices);

#endif
