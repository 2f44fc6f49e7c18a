// The deal secrets of an event, sealed with the installation's key (XSalsa20-Poly1305) in a row of their own.
// They must be on the disk before their commitments are published: the event's first entry is queued behind
// them.
#ifndef EVENTS_LIVE_SECRETS_H
#define EVENTS_LIVE_SECRETS_H

#include "services/events/events.h"

// Makes them at random, queues the row, and fills the commitments of opened, whose event_id is set; *ticket
// is to be waited for by the write that publishes them.
MUST_CHECK bool secrets_create(struct events *events, Game__Opened *opened, struct arena *arena,
                               uint64_t *ticket, struct err *err);
// STORE_CORRUPT when they are missing or do not open.
MUST_CHECK bool secrets_load(struct events *events, const char *event_id, struct arena *arena,
                             struct deal_secrets *secrets, struct err *err);

#endif
