// What is kept of rooms, and for how long: rows that say who wrote where, and the removal of texts whose time
// is over.
#ifndef EVENTS_CHAT_ERASE_H
#define EVENTS_CHAT_ERASE_H

#include "services/events/chat/rooms.h"

// After an entry was queued, under the room's lock: the row of a new writer is queued behind it. Its ticket,
// or 0.
uint64_t erase_note(struct open_room *open);
// Whether texts of a game that is over are kept no more.
bool erase_is_due(const struct events *events, const struct game *game, int64_t now_ms);

#endif
