// The blocks that deals depend on, in snapshots.
#ifndef EVENTS_LIVE_SNAPSHOT_BEACONS_H
#define EVENTS_LIVE_SNAPSHOT_BEACONS_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

void snapshot_save_beacons(Game__Snapshot *saved, const struct game *game, struct arena *arena);
// After the deals that were burned; false when it does not fit them.
bool snapshot_restore_beacons(struct game *game, const Game__Snapshot *saved);

#endif
