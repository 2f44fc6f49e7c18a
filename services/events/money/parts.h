// Parts of what chain is told. Private to the room.
#ifndef EVENTS_MONEY_PARTS_H
#define EVENTS_MONEY_PARTS_H

#include "money.pb-c.h"
#include "services/events/money/tell.h"

// The write's ticket; 0 without memory.
uint64_t money_append(struct events *events, const Money__FromEvents *said, struct arena *arena,
                      const struct store_write *write);
// Says on the bus how far the stream is.
MUST_CHECK bool money_publish(struct events *events, struct err *err);

// Of a hold, or an event, that chain has and nobody here knows, so that what was paid for it goes back: told
// once, and returns when that is durable.
MUST_CHECK bool money_end_unknown(struct events *events, const Money__FromChain *said, struct err *err);
MUST_CHECK bool money_end_unknown_event(struct events *events, const char *event_id, struct err *err);

#endif
