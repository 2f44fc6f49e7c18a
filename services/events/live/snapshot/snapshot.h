// The state of a game as bytes, so that loading does not start at the first entry. A snapshot of another
// format is ignored.
#ifndef EVENTS_LIVE_SNAPSHOT_H
#define EVENTS_LIVE_SNAPSHOT_H

#include "lib/store/store.h"
#include "services/events/events.h"
#include "services/events/game/game.h"

// NULL when the arena is full.
Game__Snapshot *snapshot_make(const struct game *game, struct arena *arena);
// The game must be fresh from game_init; false when the snapshot does not fit together.
bool snapshot_restore(struct game *game, const Game__Snapshot *snapshot);

// The first CONSE_FORMAT whose programs read what is written here; see replica_all_know.
enum { SNAPSHOT_SINCE = 14 };

// Best effort: queued, not waited for. Nothing while a process lives that would not read it.
void snapshot_save(const struct game *game, struct events *events, const char *stream, struct arena *arena);
// The game from its snapshot, or fresh when there is no usable one: a snapshot that is inconsistent, or does
// not match the stored entry of its number, is ignored.
MUST_CHECK bool snapshot_load(struct game *game, struct store *store, const char *stream, struct arena *arena,
                              struct err *err);

#endif
