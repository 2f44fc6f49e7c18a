// Who helps the god. They stay when the event is handed over; one that it is handed to is its god alone.
#include "services/events/game/fold/fold.h"

#include <string.h>

bool fold_assistant_added(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__AssistantAdded *added = entry->assistant_added;
    *audience = AUDIENCE(PUBLIC);
    if (game->assistants_count == GAME_MAX_ASSISTANTS || game_assistant(game, added->user_id) != GAME_NO_ONE)
        return false;
    if (game->dealt && !fold_seen(game, added->user_id)) return false;
    struct assistant *assistant = &game->assistants[game->assistants_count++];
    *assistant = (struct assistant){.username = ""};
    return fold_id(&assistant->user_id, added->user_id) &&
           fold_short(assistant->username, sizeof assistant->username, added->username);
}

void fold_assistant_end(struct game *game, const char *user_id)
{
    int place = game_assistant(game, user_id);
    if (place == GAME_NO_ONE) return;
    size_t after = --game->assistants_count - (size_t)place;
    memmove(&game->assistants[place], &game->assistants[place + 1], after * sizeof *game->assistants);
}

bool fold_assistant_removed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const char *user_id = entry->assistant_removed->user_id;
    *audience = AUDIENCE(PUBLIC);
    if (game_assistant(game, user_id) == GAME_NO_ONE) return false;
    fold_assistant_end(game, user_id);
    return true;
}
