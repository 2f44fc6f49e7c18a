// What everybody sees of the table beside the game.
#include "services/events/game/view/view.h"

#include "lib/base/stamp.h"

Events__SpeechClock *view_clock(const struct game *game, struct arena *arena)
{
    const struct speech_clock *clock = &game->clock;
    Events__SpeechClock *shown = arena_new(arena, Events__SpeechClock);
    if (!shown) return NULL;
    events__speech_clock__init(shown);
    if (clock->person) shown->user_id = arena_str(arena, game->people[clock->person - 1].user_id.text);
    shown->label = arena_str(arena, clock->label);
    shown->started_at = stamp_new(arena, clock->started_ms);
    if (clock->timer.closes_ms) shown->ends_at = stamp_new(arena, clock->timer.closes_ms);
    if (clock->timer.remaining_ms) shown->remaining = duration_new(arena, clock->timer.remaining_ms);
    return shown;
}
