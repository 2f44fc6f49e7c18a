// Whom the event keeps out, for its god.
#include "services/events/game/view/view.h"

#include "lib/base/stamp.h"

Events__Ban *view_ban(const struct ban *ban, struct arena *arena)
{
    Events__Ban *shown = arena_new(arena, Events__Ban);
    if (!shown) return NULL;
    events__ban__init(shown);
    shown->user = view_person(ban->user_id.text, ban->username, arena);
    shown->reason = arena_str(arena, ban->reason);
    shown->time = stamp_new(arena, ban->time_ms);
    return arena->failed ? NULL : shown;
}
