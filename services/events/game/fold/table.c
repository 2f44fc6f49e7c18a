// What happens at the table beside the game: fouls.
#include "services/events/game/fold/fold.h"

bool fold_fouled(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->fouled->user_id);
    int32_t fouls = entry->fouled->fouls;
    *audience = AUDIENCE(PUBLIC);
    if (player == GAME_NO_ONE || fouls < 1 || fouls > GAME_MAX_FOULS) return false;
    game->people[player].fouls = (uint8_t)fouls;
    return true;
}
