// What a viewer may see of notes and of uses of abilities.
#include "services/events/game/view/view.h"

#include "lib/base/stamp.h"

static bool note_is_for(const struct game *game, const struct note *note, int person)
{
    switch (note->audience) {
    case EVENTS__NOTE__AUDIENCE__TABLE:
        return true;
    case EVENTS__NOTE__AUDIENCE__PLAYER:
        return note->person == person;
    case EVENTS__NOTE__AUDIENCE__SIDE:
    case EVENTS__NOTE__AUDIENCE__DEAD:
        return people_set_has(&game->log.sets[note->set], person);
    default:
        return false;
    }
}

static bool note_is_seen(const struct game *game, const struct note *note, const struct viewer *viewer)
{
    return viewer->god || note_is_for(game, note, viewer->person);
}

// A note to a side must not reveal for whom it was written.
static Events__Note *view_note(const struct game *game, const struct viewer *viewer, const struct note *note,
                               struct arena *arena)
{
    bool to_side = note->audience == EVENTS__NOTE__AUDIENCE__SIDE;
    Events__Note *shown = arena_new(arena, Events__Note);
    if (!shown) return NULL;
    events__note__init(shown);
    shown->text = arena_str(arena, note->text);
    shown->audience = note->audience;
    shown->time = stamp_new(arena, note->time_ms);
    shown->phase_number = note->phase;
    if (note->person != NOTE_NOBODY)
        shown->user_id = arena_str(arena, game->people[note->person].user_id.text);
    shown->side_id = to_side ? arena_str(arena, game_side_id(game, note->side)) : "";
    shown->seq = viewer->god ? note->seq : 0;
    return shown;
}

bool view_notes(const struct game *game, const struct viewer *viewer, Events__MeReply *reply,
                struct arena *arena)
{
    reply->notes = arena_array(arena, game->notes_count + 1, sizeof *reply->notes);
    for (size_t i = 0; reply->notes && i < game->notes_count; i++) {
        if (!note_is_for(game, &game->notes[i], viewer->person)) continue;
        Events__Note *note = view_note(game, viewer, &game->notes[i], arena);
        if (!note) return false;
        reply->notes[reply->n_notes++] = note;
    }
    return reply->notes;
}

size_t view_notes_count(const struct game *game, const struct viewer *viewer)
{
    size_t count = 0;
    for (size_t i = 0; i < game->notes_count; i++) count += note_is_seen(game, &game->notes[i], viewer);
    return count;
}

// Numbers are those among the notes that this viewer sees.
bool view_notes_page(const struct game *game, const struct viewer *viewer, struct view_page *page,
                     Events__ListNotesReply *reply, struct arena *arena)
{
    int32_t number = 0;
    size_t bytes = 0;
    page->next = 0;
    reply->notes = arena_array(arena, page->most + 1, sizeof *reply->notes);
    for (size_t i = 0; reply->notes && i < game->notes_count; i++) {
        if (!note_is_seen(game, &game->notes[i], viewer) || ++number < page->first) continue;
        if (reply->n_notes == page->most || bytes >= page->most_bytes) return page->next = number, true;
        Events__Note *note = view_note(game, viewer, &game->notes[i], arena);
        if (!note) return false;
        bytes += events__note__get_packed_size(note);
        reply->notes[reply->n_notes++] = note;
    }
    return reply->notes;
}

static Events__Use *view_use(const struct game *game, const struct use *use, struct arena *arena)
{
    Events__Use *shown = arena_new(arena, Events__Use);
    if (!shown) return NULL;
    events__use__init(shown);
    shown->user_id = arena_str(arena, game->people[use->person].user_id.text);
    if (use->target) shown->target_id = arena_str(arena, game->people[use->target - 1].user_id.text);
    shown->left = use->left;
    shown->time = stamp_new(arena, use->time_ms);
    shown->phase_number = use->phase;
    return shown;
}

bool view_uses(const struct game *game, struct view_page *page, Events__ListUsesReply *reply,
               struct arena *arena)
{
    int32_t count = (int32_t)game->uses_count, number = page->first;
    reply->uses = arena_array(arena, page->most + 1, sizeof *reply->uses);
    for (; reply->uses && number <= count && reply->n_uses < page->most; number++) {
        reply->uses[reply->n_uses] = view_use(game, &game->uses[number - 1], arena);
        if (!reply->uses[reply->n_uses++]) return false;
    }
    page->next = number <= count ? number : 0;
    return reply->uses;
}
