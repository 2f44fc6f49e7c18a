#include "services/events/live/snapshot/snapshot_table.h"

#include "services/events/game/fold/fold.h"
#include "services/events/live/snapshot/snapshot_parts.h"

static void save_clock(Game__Snapshot *saved, const struct speech_clock *clock, struct arena *arena)
{
    Game__Snapshot__SpeechClock message = GAME__SNAPSHOT__SPEECH_CLOCK__INIT;
    if (!timer_is_set(&clock->timer)) return;
    message.person = clock->person;
    message.label = (char *)clock->label;
    message.started_ms = clock->started_ms;
    message.closes_ms = clock->timer.closes_ms;
    message.remaining_ms = clock->timer.remaining_ms;
    message.given_ms = clock->timer.given_ms;
    saved->clock = arena_copy(arena, &message, sizeof message);
}

static bool restore_clock(struct game *game, const Game__Snapshot__SpeechClock *saved)
{
    struct speech_clock *clock = &game->clock;
    if (!saved) return true;
    if (!game_open_phase(game) || !snapshot_within(saved->person, game->people_count + 1)) return false;
    clock->person = (uint16_t)saved->person;
    clock->started_ms = saved->started_ms;
    clock->timer = (struct timer){saved->closes_ms, saved->remaining_ms, saved->given_ms};
    return fold_short(clock->label, sizeof clock->label, saved->label);
}

static void save_ready_check(Game__Snapshot *saved, const struct ready_check *check, struct arena *arena)
{
    Game__Snapshot__ReadyCheck message = GAME__SNAPSHOT__READY_CHECK__INIT;
    if (!timer_is_set(&check->timer)) return;
    message.asked_ms = check->asked_ms;
    message.closes_ms = check->timer.closes_ms;
    message.given_ms = check->timer.given_ms;
    saved->ready_check = arena_copy(arena, &message, sizeof message);
}

static void save_assistants(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    saved->assistants = snapshot_messages(arena, &game__snapshot__assistant__descriptor,
                                          game->assistants_count, &saved->n_assistants);
    for (size_t i = 0; i < saved->n_assistants; i++) {
        saved->assistants[i]->user_id = (char *)game->assistants[i].user_id.text;
        saved->assistants[i]->username = (char *)game->assistants[i].username;
    }
}

static bool restore_assistants(struct game *game, const Game__Snapshot *saved)
{
    if (saved->n_assistants > GAME_MAX_ASSISTANTS) return false;
    for (size_t i = 0; i < saved->n_assistants; i++) {
        struct assistant *assistant = &game->assistants[i];
        if (game_assistant(game, saved->assistants[i]->user_id) != GAME_NO_ONE ||
            !fold_id(&assistant->user_id, saved->assistants[i]->user_id) ||
            !fold_short(assistant->username, sizeof assistant->username, saved->assistants[i]->username))
            return false;
        game->assistants_count++;
    }
    return true;
}

void snapshot_save_table(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    save_clock(saved, &game->clock, arena);
    save_ready_check(saved, &game->ready_check, arena);
    save_assistants(saved, game, arena);
}

bool snapshot_restore_table(struct game *game, const Game__Snapshot *saved)
{
    const Game__Snapshot__ReadyCheck *check = saved->ready_check;
    if (check)
        game->ready_check = (struct ready_check){check->asked_ms, {check->closes_ms, 0, check->given_ms}};
    return restore_clock(game, saved->clock) && restore_assistants(game, saved);
}
