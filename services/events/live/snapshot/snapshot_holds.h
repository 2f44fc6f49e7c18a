// The part of a snapshot about places that cost something.
#ifndef EVENTS_LIVE_SNAPSHOT_HOLDS_H
#define EVENTS_LIVE_SNAPSHOT_HOLDS_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

void snapshot_save_holds(Game__Snapshot *saved, const struct game *game, struct arena *arena);
// After the people.
bool snapshot_restore_holds(struct game *game, const Game__Snapshot *saved);

#endif
