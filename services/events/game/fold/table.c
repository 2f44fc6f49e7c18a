// What happens at the table beside the game: fouls, the clock of who speaks, whether all are ready.
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

bool fold_clock_started(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__ClockStarted *started = entry->clock_started;
    const struct phase *phase = game_open_phase(game);
    int player = *started->user_id ? game_player(game, started->user_id) : GAME_NO_ONE;
    *audience = AUDIENCE(PUBLIC);
    if (!phase || phase->state != EVENTS__PHASE__STATE__OPEN || started->ends_ms <= entry->time_ms ||
        (*started->user_id && player == GAME_NO_ONE))
        return false;
    game->clock = (struct speech_clock){.person = (uint16_t)(player + 1), .started_ms = entry->time_ms};
    timer_run(&game->clock.timer, started->ends_ms, entry->time_ms);
    return fold_short(game->clock.label, sizeof game->clock.label, started->label);
}

bool fold_clock_stopped(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    (void)entry;
    *audience = AUDIENCE(PUBLIC);
    bool set = timer_is_set(&game->clock.timer);
    game->clock = (struct speech_clock){0};
    return set;
}

void fold_clock_pause(struct game *game, int64_t now_ms)
{
    int64_t left_ms = timer_left(&game->clock.timer, now_ms);
    if (left_ms)
        timer_stop(&game->clock.timer, left_ms);
    else
        game->clock = (struct speech_clock){0};
}

void fold_clock_resume(struct game *game, int64_t now_ms)
{
    int64_t left_ms = game->clock.timer.remaining_ms;
    if (left_ms) timer_run(&game->clock.timer, now_ms + left_ms, now_ms);
}

bool fold_ready_asked(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int64_t ends_ms = entry->ready_asked->ends_ms;
    *audience = AUDIENCE(PUBLIC);
    if (ends_ms <= entry->time_ms) return false;
    game->ready_check = (struct ready_check){.asked_ms = entry->time_ms};
    timer_run(&game->ready_check.timer, ends_ms, entry->time_ms);
    for (size_t i = 0; i < game->people_count; i++) game->people[i].ready = false;
    return true;
}

bool fold_ready(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    int player = game_player(game, entry->ready->user_id);
    *audience = AUDIENCE(PUBLIC);
    if (player == GAME_NO_ONE || !timer_is_set(&game->ready_check.timer)) return false;
    game->people[player].ready = true;
    return true;
}
