// Who took over a guest's seat has two ids: the account's, and the guest's in this event. Requests may have
// either.
#ifndef EVENTS_LIVE_ALIASES_H
#define EVENTS_LIVE_ALIASES_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

// Puts the id that entries have in place of such accounts' ids, except for a new god.
void aliases_settle(const struct game *game, ProtobufCMessage *request, struct arena *arena);

#endif
