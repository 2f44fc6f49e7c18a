#include "services/events/live/snapshot/snapshot_acts.h"

#include <string.h>

#include "services/events/game/fold/fold.h"
#include "services/events/live/snapshot/snapshot_parts.h"

static void save_notes(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    saved->notes =
        snapshot_messages(arena, &game__snapshot__note__descriptor, game->notes_count, &saved->n_notes);
    for (size_t i = 0; i < saved->n_notes; i++) {
        const struct note *note = &game->notes[i];
        saved->notes[i]->audience = note->audience;
        saved->notes[i]->text = note->text;
        saved->notes[i]->seq = note->seq;
        saved->notes[i]->time_ms = note->time_ms;
        saved->notes[i]->phase = note->phase;
        saved->notes[i]->person = note->person;
        saved->notes[i]->set = note->set;
        saved->notes[i]->side = note->side;
    }
}

static void save_uses(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    saved->uses =
        snapshot_messages(arena, &game__snapshot__use__descriptor, game->uses_count, &saved->n_uses);
    for (size_t i = 0; i < saved->n_uses; i++) {
        const struct use *use = &game->uses[i];
        saved->uses[i]->time_ms = use->time_ms;
        saved->uses[i]->phase = use->phase;
        saved->uses[i]->person = use->person;
        saved->uses[i]->target = use->target;
        saved->uses[i]->left = use->left;
    }
}

void snapshot_save_acts(Game__Snapshot *saved, const struct game *game, struct arena *arena)
{
    save_notes(saved, game, arena);
    save_uses(saved, game, arena);
    saved->chained = snapshot_bytes(game->chained, game->chained_count * sizeof *game->chained);
}

static bool in_phases(const struct game *game, int32_t phase)
{
    return snapshot_within(phase, game->phases_count + 1);
}

static bool note_fits(const struct game *game, const Game__Snapshot__Note *saved)
{
    bool to_side = saved->audience == EVENTS__NOTE__AUDIENCE__SIDE;
    bool to_player = saved->audience == EVENTS__NOTE__AUDIENCE__PLAYER;
    bool to_set = to_side || saved->audience == EVENTS__NOTE__AUDIENCE__DEAD;
    return game->notes_count < GAME_MAX_NOTES && in_phases(game, saved->phase) &&
           (!to_set || snapshot_within(saved->set, game->log.sets_count)) &&
           (!to_side || snapshot_within(saved->side - 1, game->sides_count)) &&
           (snapshot_within(saved->person, game->people_count) ||
            (!to_player && saved->person == NOTE_NOBODY));
}

static bool restore_note(struct game *game, const Game__Snapshot__Note *saved)
{
    if (!note_fits(game, saved)) return false;
    struct note *note = array_add(&game->notes, &game->notes_count, sizeof *note);
    if (!note || !fold_text(&note->text, saved->text)) return false;
    note->audience = saved->audience;
    note->seq = saved->seq;
    note->time_ms = saved->time_ms;
    note->phase = saved->phase;
    note->person = (uint16_t)saved->person;
    note->set = (uint16_t)saved->set;
    note->side = (uint8_t)saved->side;
    return true;
}

static bool restore_use(struct game *game, const Game__Snapshot__Use *saved)
{
    if (game->uses_count == GAME_MAX_USES || !in_phases(game, saved->phase) ||
        !snapshot_within(saved->person, game->people_count) ||
        !snapshot_within(saved->target, game->people_count + 1) ||
        !snapshot_within(saved->left, GAME_UNLIMITED + 1))
        return false;
    struct use *use = array_add(&game->uses, &game->uses_count, sizeof *use);
    if (!use) return false;
    use->time_ms = saved->time_ms;
    use->phase = saved->phase;
    use->person = (uint16_t)saved->person;
    use->target = (uint16_t)saved->target;
    use->left = (int16_t)saved->left;
    return true;
}

static bool restore_chained(struct game *game, const ProtobufCBinaryData *saved)
{
    size_t count = saved->len / sizeof *game->chained;
    if (saved->len % sizeof *game->chained || count > GAME_MAX_CHAINED) return false;
    for (size_t i = 0; i < count; i++) {
        struct chained *chained = array_add(&game->chained, &game->chained_count, sizeof *chained);
        if (!chained) return false;
        memcpy(chained, saved->data + i * sizeof *chained, sizeof *chained);
        if (chained->from >= game->people_count || chained->to >= game->people_count) return false;
    }
    for (size_t i = 0; i < game->people_count; i++)
        if (game->people[i].chained_since > count) return false;
    return true;
}

bool snapshot_restore_acts(struct game *game, const Game__Snapshot *saved)
{
    bool ok = true;
    for (size_t i = 0; ok && i < saved->n_notes; i++) ok = restore_note(game, saved->notes[i]);
    for (size_t i = 0; ok && i < saved->n_uses; i++) ok = restore_use(game, saved->uses[i]);
    return ok && restore_chained(game, &saved->chained);
}
