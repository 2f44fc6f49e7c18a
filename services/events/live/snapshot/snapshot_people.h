// The people's part of a snapshot, and the phases, which keep the players as they were at their end.
#ifndef EVENTS_LIVE_SNAPSHOT_PEOPLE_H
#define EVENTS_LIVE_SNAPSHOT_PEOPLE_H

#include "lib/base/arena.h"
#include "services/events/game/game.h"

// The saved message points into the game and the arena; a full arena sets arena->failed.
void snapshot_save_person(Game__Snapshot__Person *saved, const struct game *game, const struct person *person,
                          struct arena *arena);
void snapshot_save_phase(Game__Snapshot__Phase *saved, const struct phase *phase, struct arena *arena);
// Adds it to the game, which has its roles and sides, and for a phase its people; false when it does not fit.
bool snapshot_restore_person(struct game *game, const Game__Snapshot__Person *saved);
bool snapshot_restore_phase(struct game *game, const Game__Snapshot__Phase *saved);

#endif
