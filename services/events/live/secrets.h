// The eight deal secrets of an event, sealed with the installation's key (XSalsa20-Poly1305) in a row of
// their own. They must be on the disk before their commitments are published: the event's first entry is
// queued behind them.
#ifndef EVENTS_LIVE_SECRETS_H
#define EVENTS_LIVE_SECRETS_H

#include "services/events/events.h"

// Makes them at random and queues the row; *ticket is to be waited for by the write that publishes the
// commitments.
void secrets_create(struct events *events, const char *event_id, uint8_t commitments[DEAL_SECRETS][DEAL_HASH],
                    uint64_t *ticket);
// STORE_CORRUPT when they are missing or do not open.
MUST_CHECK bool secrets_load(struct events *events, const char *event_id, struct arena *arena,
                             uint8_t secrets[DEAL_SECRETS][DEAL_HASH], struct err *err);

#endif
