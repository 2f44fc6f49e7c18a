// What the god did in the rooms, what was reported, and when the game ended.
#ifndef EVENTS_LIVE_SNAPSHOT_ROOMS_H
#define EVENTS_LIVE_SNAPSHOT_ROOMS_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

void snapshot_save_rooms(Game__Snapshot *saved, const struct game *game, struct arena *arena);
bool snapshot_restore_rooms(struct game *game, const Game__Snapshot *saved);

#endif
