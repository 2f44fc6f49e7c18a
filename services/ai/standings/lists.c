#include "services/ai/standings/lists.h"

#include <stdlib.h>
#include <string.h>

void *list_with_room(void *list, size_t count, size_t *room, size_t bytes)
{
    if (count < *room) return list;
    size_t more = *room ? *room * 2 : 64;
    void *grown = realloc(list, more * bytes);
    if (grown) *room = more;
    return grown;
}

size_t list_keep_first(void *list, size_t count, size_t most, size_t bytes, const void *item,
                       int (*compare)(const void *, const void *))
{
    uint8_t *items = list;
    size_t at = count;
    while (at > 0 && compare(items + (at - 1) * bytes, item) > 0) at--;
    if (at == most) return count;
    if (count < most) count++;
    memmove(items + (at + 1) * bytes, items + at * bytes, (count - at - 1) * bytes);
    memcpy(items + at * bytes, item, bytes);
    return count;
}

void *list_of_messages(struct arena *arena, size_t count, size_t bytes, void ***list)
{
    uint8_t *messages = arena_array(arena, count + 1, bytes);
    *list = arena_array(arena, count + 1, sizeof **list);
    for (size_t i = 0; messages && *list && i < count; i++) (*list)[i] = messages + i * bytes;
    return *list ? messages : NULL;
}
