// What the god does at the table beside the game: fouls, the clock of who speaks.
#include "services/events/game/rules/rules.h"

#include <string.h>

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

static void stop_clock(struct game *game, struct entries *entries)
{
    if (timer_is_set(&game->clock.timer)) ENTRY(entries, game, CLOCK_STOPPED, ClockStopped, clock_stopped);
}

bool rules_set_clock(struct game *game, struct entries *entries, const Events__ClockRequest *clock,
                     struct err *err)
{
    int player;
    struct uuid id = {""};
    if (!rules_need_running(game, err) || !rules_need_phase(game, err)) return false;
    if (!clock->seconds) return stop_clock(game, entries), true;
    if (*clock->user_id && !rules_need_player(game, clock->user_id, &player, err)) return false;
    if (game_open_phase(game)->state == EVENTS__PHASE__STATE__PAUSED)
        return err_fail(err, PHASE_PAUSED, "the phase is paused, and with it its clocks");
    if (*clock->user_id) id = game->people[player].user_id;
    ENTRY(entries, game, CLOCK_STARTED, ClockStarted, clock_started, .user_id = id.text,
          .label = clock->label, .ends_ms = entries->now_ms + clock->seconds * INT64_C(1000));
    return true;
}

void rules_add_clock_timer(struct game *game, struct entries *entries, int64_t left_ms)
{
    const struct speech_clock clock = game->clock;
    struct uuid id = {""};
    if (clock.person) id = game->people[clock.person - 1].user_id;
    ENTRY(entries, game, CLOCK_STARTED, ClockStarted, clock_started, .user_id = id.text, .label = clock.label,
          .ends_ms = entries->now_ms + left_ms);
}
