// The log's part of a snapshot: the viewers of each entry.
#ifndef EVENTS_LIVE_SNAPSHOT_LOG_H
#define EVENTS_LIVE_SNAPSHOT_LOG_H

#include "services/events/game/game.h"

// The saved message points into the log.
void snapshot_save_log(Game__Snapshot *saved, const struct log_index *log);
// For a game that has its people and no log; false when it does not fit.
bool snapshot_restore_log(struct game *game, const Game__Snapshot *saved);
// What can be undone, as it lies in memory. Restoring needs everything else to be there.
void snapshot_save_undos(Game__Snapshot *saved, const struct game *game);
bool snapshot_restore_undos(struct game *game, const Game__Snapshot *saved);

#endif
