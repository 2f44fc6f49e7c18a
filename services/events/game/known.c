#include "services/events/game/known.h"

#include "lib/schema/known.h"
#include "services/events/game/game.h"

bool entry_is_known(const Game__Entry *entry)
{
    bool opened = entry->body_case == GAME__ENTRY__BODY_OPENED;
    return message_is_known(&entry->base) && (!opened || entry->opened->rules_version <= GAME_RULES);
}
