// What the god records of the table beside the game: fouls.
#include "services/events/game/rules/rules.h"

bool rules_foul(struct game *game, struct entries *entries, const char *user_id, struct err *err)
{
    int player;
    if (!rules_need_running(game, err) || !rules_need_player(game, user_id, &player, err)) return false;
    int32_t fouls = game->people[player].fouls;
    if (fouls == GAME_MAX_FOULS)
        return err_fail(err, LIMIT_REACHED, "a player has at most %d fouls", GAME_MAX_FOULS);
    struct uuid id = game->people[player].user_id;
    ENTRY(entries, game, FOULED, Fouled, fouled, .user_id = id.text, .fouls = fouls + 1);
    return true;
}
