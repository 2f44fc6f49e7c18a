// What everybody sees of the table beside the game.
#include "services/events/game/view/view.h"

#include "lib/base/stamp.h"
#include "services/events/game/status.h"

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

Events__ReadyCheck *view_ready_check(const struct game *game, struct arena *arena)
{
    uint16_t roster[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster);
    Events__ReadyCheck *shown = arena_new(arena, Events__ReadyCheck);
    if (!shown) return NULL;
    events__ready_check__init(shown);
    shown->asked_at = stamp_new(arena, game->ready_check.asked_ms);
    shown->ends_at = stamp_new(arena, game->ready_check.timer.closes_ms);
    shown->ready = arena_array(arena, count + 1, sizeof *shown->ready);
    shown->waiting_for = arena_array(arena, count + 1, sizeof *shown->waiting_for);
    if (!shown->ready || !shown->waiting_for) return NULL;
    for (size_t i = 0; i < count; i++) {
        const struct person *person = &game->people[roster[i]];
        const char *id = arena_str(arena, person->user_id.text);
        if (!person_alive(person)) continue;
        if (person->ready)
            shown->ready[shown->n_ready++] = id;
        else
            shown->waiting_for[shown->n_waiting_for++] = id;
    }
    return shown;
}
