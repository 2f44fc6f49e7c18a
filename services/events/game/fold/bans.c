// Whom the event keeps out. It changes no seat: entries of their own do. Sealed: at the end everybody reads
// the rest of the log, and assistants read it before; why somebody is kept out is the god's to know.
#include "services/events/game/fold/fold.h"

#include <stdlib.h>
#include <string.h>

bool fold_banned(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__Banned *banned = entry->banned;
    struct ban *ban = game_ban(game, banned->user_id);
    *audience = AUDIENCE(SEALED);
    if (ban) return fold_text(&ban->reason, banned->reason);
    if (game->bans_count == GAME_MAX_BANS) return false;
    ban = array_add(&game->bans, &game->bans_count, sizeof *ban);
    if (!ban) return false;
    ban->time_ms = entry->time_ms;
    return fold_text(&ban->reason, banned->reason) && fold_id(&ban->user_id, banned->user_id) &&
           fold_short(ban->username, sizeof ban->username, banned->username);
}

bool fold_unbanned(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct ban *ban = game_ban(game, entry->unbanned->user_id);
    *audience = AUDIENCE(SEALED);
    if (!ban) return false;
    free(ban->reason);
    size_t after = game->bans_count - (size_t)(ban - game->bans) - 1;
    memmove(ban, ban + 1, after * sizeof *ban);
    game->bans_count--;
    return true;
}
