// What happens at the table beside the game, in snapshots.
#ifndef EVENTS_LIVE_SNAPSHOT_TABLE_H
#define EVENTS_LIVE_SNAPSHOT_TABLE_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

void snapshot_save_table(Game__Snapshot *saved, const struct game *game, struct arena *arena);
// After people and phases; false when it does not fit them.
bool snapshot_restore_table(struct game *game, const Game__Snapshot *saved);

#endif
