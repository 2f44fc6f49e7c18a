// The polls' part of a snapshot.
#ifndef EVENTS_LIVE_SNAPSHOT_POLLS_H
#define EVENTS_LIVE_SNAPSHOT_POLLS_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

// The saved message points into the poll and the arena; a full arena sets arena->failed.
void snapshot_save_poll(Game__Snapshot__Poll *saved, const struct poll *poll, struct arena *arena);
// Adds it to the game, which has its people; false when it does not fit.
bool snapshot_restore_poll(struct game *game, const Game__Snapshot__Poll *saved);

#endif
