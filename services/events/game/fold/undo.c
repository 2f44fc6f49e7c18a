// The god's second thoughts.
#include "services/events/game/fold/fold.h"

#include <string.h>

#include "services/events/game/undo.h"

bool fold_undone(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const struct undo *newest = undo_newest(game);
    if (!newest || newest->time_ms != entry->undone->time_ms ||
        strcmp(game_kind(newest->which), entry->undone->kind) != 0)
        return false;
    *audience = newest->audience;
    undo_take_back(game);
    return true;
}
