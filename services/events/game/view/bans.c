// Whom the event keeps out, for its god.
#include "services/events/game/view/view.h"

#include "lib/base/stamp.h"

Events__Ban *view_ban(const struct ban *ban, struct arena *arena)
{
    Events__Ban *shown = arena_new(arena, Events__Ban);
    Events__Person *user = arena_new(arena, Events__Person);
    if (!shown || !user) return NULL;
    events__ban__init(shown);
    events__person__init(user);
    user->id = arena_str(arena, ban->user_id.text);
    user->username = arena_str(arena, ban->username);
    shown->user = user;
    shown->reason = arena_str(arena, ban->reason);
    shown->time = stamp_new(arena, ban->time_ms);
    return arena->failed ? NULL : shown;
}
