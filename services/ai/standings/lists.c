#include "services/ai/standings/lists.h"

#include <stdlib.h>

void *list_with_room(void *list, size_t count, size_t *room, size_t bytes)
{
    if (count < *room) return list;
    size_t more = *room ? *room * 2 : 64;
    void *grown = realloc(list, more * bytes);
    if (grown) *room = more;
    return grown;
}

void *list_of_messages(struct arena *arena, size_t count, size_t bytes, void ***list)
{
    uint8_t *messages = arena_array(arena, count + 1, bytes);
    *list = arena_array(arena, count + 1, sizeof **list);
    for (size_t i = 0; messages && *list && i < count; i++) (*list)[i] = messages + i * bytes;
    return *list ? messages : NULL;
}
