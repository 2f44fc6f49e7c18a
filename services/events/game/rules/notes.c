// Notes of the god's: to a player, their side, the table, the dead, or for the god alone.
#include "services/events/game/rules/rules.h"

bool rules_need_note(const struct game *game, struct err *err)
{
    if (game->notes_count == GAME_MAX_NOTES)
        return err_fail(err, LIMIT_REACHED, "a game has at most %d notes", GAME_MAX_NOTES);
    return game->log.sets_count < UINT16_MAX || // notes that were taken back leave theirs
           err_fail(err, LIMIT_REACHED, "a game has at most %d notes to groups", UINT16_MAX);
}

static bool is_to_all(Events__Note__Audience audience)
{
    return audience == EVENTS__NOTE__AUDIENCE__TABLE || audience == EVENTS__NOTE__AUDIENCE__DEAD;
}

bool rules_note(struct game *game, struct entries *entries, const Events__NoteRequest *note, struct err *err)
{
    int player;
    if (is_to_all(note->audience))
        return err_field(
            err, INVALID_FIELD, "audience",
            "a note about a player is for PLAYER, SIDE or GOD; others have a route of their own");
    if (!rules_need_playing(game, err) || !rules_need_player(game, note->user_id, &player, err)) return false;
    if (!rules_need_note(game, err)) return false;
    bool to_side = note->audience == EVENTS__NOTE__AUDIENCE__SIDE;
    const char *side_id = to_side ? game_side_id(game, game->people[player].told_side) : "";
    ENTRY(entries, game, NOTED, Noted, noted, .audience = note->audience, .text = note->text,
          .user_id = to_side ? NULL : note->user_id, .side_id = side_id);
    return true;
}

bool rules_table_note(struct game *game, struct entries *entries, const Events__TableNoteRequest *note,
                      struct err *err)
{
    if (!is_to_all(note->audience) && note->audience != EVENTS__NOTE__AUDIENCE__GOD)
        return err_field(err, INVALID_FIELD, "audience", "a note about no player is for TABLE, DEAD or GOD");
    if (!rules_need_playing(game, err) || !rules_need_note(game, err)) return false;
    ENTRY(entries, game, NOTED, Noted, noted, .audience = note->audience, .text = note->text);
    return true;
}
