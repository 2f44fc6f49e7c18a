// The deal secrets of an event, sealed with the installation's key (XSalsa20-Poly1305). They are attached to
// the event's first entry, which publishes their commitments, so both are stored at once or neither is. Older
// events have them in a row of their own, which was stored first.
#ifndef EVENTS_LIVE_SECRETS_H
#define EVENTS_LIVE_SECRETS_H

#include "services/events/live/command.h"

// The first CONSE_FORMAT whose programs look for them at the entry; see replica_all_know. While a process may
// live that does not, they are stored in a row, on which the command's entries then rest.
enum { SECRETS_ATTACHED_SINCE = 2 };

// For a new event: makes them at random, gives them to the command to be stored, and fills the commitments of
// opened, whose event_id must be set.
MUST_CHECK bool secrets_create(struct command *command, Game__Opened *opened, struct err *err);
// STORE_CORRUPT when they are missing or do not open.
MUST_CHECK bool secrets_load(struct events *events, const char *event_id, struct arena *arena,
                             struct deal_secrets *secrets, struct err *err);
// Queues the removal of the row that an older event has, behind *ticket, and sets it; of others they went
// with the entries.
MUST_CHECK bool secrets_remove_row(struct events *events, const char *event_id, struct arena *arena,
                                   uint64_t *ticket, struct err *err);

#endif
