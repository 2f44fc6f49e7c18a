// Notes, uses of abilities and chains as a snapshot has them.
#ifndef EVENTS_LIVE_SNAPSHOT_ACTS_H
#define EVENTS_LIVE_SNAPSHOT_ACTS_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

void snapshot_save_acts(Game__Snapshot *saved, const struct game *game, struct arena *arena);
// People, sides, phases and the log come first. False when what is saved does not fit.
bool snapshot_restore_acts(struct game *game, const Game__Snapshot *saved);

#endif
