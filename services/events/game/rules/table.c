// What the god does at the table beside the game: fouls, the clock of who speaks, whether all are ready.
#include "services/events/game/rules/rules.h"
#include "services/events/game/status.h"

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

bool rules_ask_ready(struct game *game, struct entries *entries, int32_t seconds, struct err *err)
{
    if (!rules_need_not_over(game, err) || !rules_need_room(game, err)) return false;
    ENTRY(entries, game, READY_ASKED, ReadyAsked, ready_asked,
          .ends_ms = entries->now_ms + seconds * INT64_C(1000));
    return true;
}

// One that a clock ahead has asked counts as over: else it would last as long as that clock was ahead.
static bool is_asked(const struct game *game, int64_t now_ms)
{
    const struct timer *timer = &game->ready_check.timer;
    return timer_is_set(timer) && !timer_is_over(timer, now_ms) && !timer_is_ahead(timer, now_ms);
}

bool rules_say_ready(struct game *game, struct entries *entries, const char *user_id, struct err *err)
{
    int player;
    if (!rules_need_not_over(game, err) || !rules_need_common_room(game, err)) return false;
    if (!rules_need_player(game, user_id, &player, err)) return false;
    const struct person *person = &game->people[player];
    if (!person_alive(person))
        return err_fail(err, NOT_A_LIVING_PLAYER, "only living players are asked whether they are ready");
    if (!is_asked(game, entries->now_ms))
        return err_fail(err, NO_READY_CHECK, "nobody asks now whether the players are ready");
    struct uuid id = person->user_id;
    if (!person->ready) ENTRY(entries, game, READY, Ready, ready, .user_id = id.text);
    return true;
}
