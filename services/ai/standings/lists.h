// Lists that grow, lists of the first so many, and lists of messages.
#ifndef AI_STANDINGS_LISTS_H
#define AI_STANDINGS_LISTS_H

#include "lib/base/arena.h"

// The list with room for one more; NULL without memory, and it is as before.
void *list_with_room(void *list, size_t count, size_t *room, size_t bytes);
// Puts an item among those in order that `compare` puts before others, behind its equals, and keeps the first
// `most`, for which the list has room. Returns how many there are.
size_t list_keep_first(void *list, size_t count, size_t most, size_t bytes, const void *item,
                       int (*compare)(const void *, const void *));
// One message of the arena for each of `count`, and the list of them. NULL without memory.
void *list_of_messages(struct arena *arena, size_t count, size_t bytes, void ***list);

#endif
