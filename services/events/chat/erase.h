// What is kept of rooms, and for how long: rows that say who wrote where, and the removal of texts whose time
// is over: a deleted or replaced one some days later, all of an event long after its end. What is removed is
// first told to the stream "redactions", so that a backup of before can be told too.
#ifndef EVENTS_CHAT_ERASE_H
#define EVENTS_CHAT_ERASE_H

#include <stdatomic.h>

#include "services/events/chat/rooms.h"

struct eraser;

// The thread that looks at all rooms, when this process has the lease.
MUST_CHECK bool eraser_start(struct eraser **eraser, struct events *events, struct err *err);
void eraser_stop(struct eraser *eraser); // frees; NULL is fine

// One look at the rooms that are due. Blocks until what it removes is removed.
MUST_CHECK bool erase_look(struct events *events, int64_t now_ms, const atomic_bool *stopping,
                           struct err *err);

// After an entry was queued, under the room's lock: the row of a new writer is queued behind it. Its ticket,
// or 0.
uint64_t erase_note(struct open_room *open);
// From when on texts of a game are kept no more; 0: it is not over.
int64_t erase_due_ms(const struct events *events, const struct game *game);
bool erase_is_due(const struct events *events, const struct game *game, int64_t now_ms);

#endif
