// Tells whether the rows of an event are those of its present state. Private to the room.
#ifndef EVENTS_LIVE_FINGERPRINT_H
#define EVENTS_LIVE_FINGERPRINT_H

#include "services/events/live/aggregates.h"

enum { ROWS_FORM = 2 }; // of events and seats: codes to join by; whether the game was played to its end

// Of all that the rows have, apart from the votes: FNV-1a over texts, a multiplication and a shift for
// numbers. Never 0.
uint64_t rows_fingerprint(const struct aggregate *aggregate);

#endif
