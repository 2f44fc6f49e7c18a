#include "services/chain/merit/judge.h"

static const int64_t MINUTE_MS = 60000;

enum merit_verdict merit_judge_game(const struct merit_game_facts *game, const struct merit_limits *limits)
{
    if (game->age_ms > MERIT_LATE_MS || game->age_ms < -MERIT_AHEAD_MS) return MERIT_OLD;
    if (game->players < limits->players || game->players < game->wanted) return MERIT_FEW_PLAYERS;
    if (game->phases < limits->phases) return MERIT_FEW_PHASES;
    if (!game->started_ms || game->ended_ms - game->started_ms < limits->minutes * MINUTE_MS)
        return MERIT_SHORT;
    return game->god_games < limits->god_games ? MERIT_REWARDED : MERIT_GOD_DAY;
}

enum merit_verdict merit_judge_player(const struct merit_player_facts *player,
                                      const struct merit_limits *limits)
{
    if (!player->keeps_role) return MERIT_NO_ROLE;
    if (!player->was_there) return MERIT_ABSENT;
    if (!player->is_proved) return MERIT_UNPROVED;
    if (player->is_guest) return MERIT_HELD;
    if (!player->is_verified) return MERIT_UNVERIFIED;
    return player->games < limits->games ? MERIT_REWARDED : MERIT_PLAYER_DAY;
}
