// The deal secrets of an event, sealed with the installation's key (XSalsa20-Poly1305) in a row of their own.
// They must be on the disk before their commitments are published: the event's first entry is queued behind
// them.
#ifndef EVENTS_LIVE_SECRETS_H
#define EVENTS_LIVE_SECRETS_H

#include "services/events/live/command.h"

// For a new event: makes them at random, queues the row, on which the command's entries then rest, and fills
// the commitments of opened, whose event_id must be set.
MUST_CHECK bool secrets_create(struct command *command, Game__Opened *opened, struct err *err);
// STORE_CORRUPT when they are missing or do not open.
MUST_CHECK bool secrets_load(struct events *events, const char *event_id, struct arena *arena,
                             struct deal_secrets *secrets, struct err *err);

#endif
