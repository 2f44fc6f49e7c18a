// Who helps the god.
#include "services/events/game/rules/rules.h"

#include <string.h>

static bool may_assist(const struct game *game, const char *user_id, struct err *err)
{
    if (strcmp(game->god_id.text, user_id) == 0)
        return err_field(err, INVALID_FIELD, "user_id", "the god of an event does not assist in it");
    if (game_takes_part(game, game_person(game, user_id)))
        return err_field(err, GOD_MAY_NOT_PLAY, "user_id",
                         "who has a seat, or waits for one, does not assist");
    if (game_ban(game, user_id))
        return err_field(err, USER_BANNED, "user_id", "this user is kept out of the event");
    return game->assistants_count < GAME_MAX_ASSISTANTS ||
           err_fail(err, LIMIT_REACHED, "an event has at most %d assistants", GAME_MAX_ASSISTANTS);
}

bool rules_add_assistant(struct game *game, struct entries *entries, const char *user_id,
                         const char *username, struct err *err)
{
    if (!rules_need_not_over(game, err) || !rules_need_room(game, err)) return false;
    if (game_assistant(game, user_id) != GAME_NO_ONE) return true;
    if (!may_assist(game, user_id, err)) return false;
    ENTRY(entries, game, ASSISTANT_ADDED, AssistantAdded, assistant_added, .user_id = user_id,
          .username = username);
    return true;
}

bool rules_remove_assistant(struct game *game, struct entries *entries, const char *user_id, struct err *err)
{
    if (!rules_need_not_over(game, err) || !rules_need_room(game, err)) return false;
    if (game_assistant(game, user_id) == GAME_NO_ONE)
        return err_fail(err, NOT_FOUND, "there is no such assistant");
    ENTRY(entries, game, ASSISTANT_REMOVED, AssistantRemoved, assistant_removed, .user_id = user_id);
    return true;
}
