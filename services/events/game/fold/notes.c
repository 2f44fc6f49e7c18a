// Notes: who may read each.
#include "services/events/game/fold/fold.h"
#include "services/events/game/status.h"

// The players that were told that they are of the side; a note must not reveal a change that was not told.
static int side_set(struct game *game, const char *side_id)
{
    uint16_t roster[GAME_MAX_SEATS], members[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster), chosen = 0;
    int side = fold_side(game, side_id);
    for (size_t i = 0; i < count; i++)
        if (game->people[roster[i]].told_side == side) members[chosen++] = roster[i];
    return side ? log_index_set(&game->log, members, chosen) : -1;
}

// The players whose part in the game was over by then.
static int dead_set(struct game *game)
{
    uint16_t roster[GAME_MAX_SEATS], dead[GAME_MAX_SEATS];
    size_t count = game_roster(game, roster), chosen = 0;
    for (size_t i = 0; i < count; i++)
        if (!person_alive(&game->people[roster[i]])) dead[chosen++] = roster[i];
    return log_index_set(&game->log, dead, chosen);
}

static bool note_set(struct note *note, int set, struct audience *audience)
{
    note->set = (uint16_t)set;
    *audience = AUDIENCE_OF(SET, set);
    return set >= 0;
}

// A note of the god's own need not be about a player.
static bool note_player(const struct game *game, struct note *note, const char *user_id,
                        struct audience *audience)
{
    int player = game_player(game, user_id);
    bool to_player = note->audience == EVENTS__NOTE__AUDIENCE__PLAYER;
    if (player == GAME_NO_ONE) return !to_player && !*user_id;
    note->person = (uint16_t)player;
    if (to_player) *audience = AUDIENCE_OF(PERSON, player);
    return true;
}

static bool note_audience(struct game *game, struct note *note, const Game__Noted *noted,
                          struct audience *audience)
{
    switch (noted->audience) {
    case EVENTS__NOTE__AUDIENCE__SIDE:
        note->side = (uint8_t)fold_side(game, noted->side_id);
        return note_set(note, side_set(game, noted->side_id), audience);
    case EVENTS__NOTE__AUDIENCE__DEAD:
        return note_set(note, dead_set(game), audience);
    case EVENTS__NOTE__AUDIENCE__TABLE:
        *audience = AUDIENCE(PUBLIC);
        return true;
    default:
        return note_player(game, note, noted->user_id, audience);
    }
}

bool fold_noted(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__Noted *noted = entry->noted;
    if (game->notes_count == GAME_MAX_NOTES) return false;
    struct note *note = array_add(&game->notes, &game->notes_count, sizeof *note);
    if (!note || !fold_text(&note->text, noted->text)) return false;
    note->audience = noted->audience;
    note->seq = game->chain.seq;
    note->time_ms = entry->time_ms;
    note->phase = (int32_t)game->phases_count;
    note->person = NOTE_NOBODY;
    return note_audience(game, note, noted, audience);
}
