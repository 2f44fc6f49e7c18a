// Phases and their clock.
#include "services/events/game/fold/fold.h"

#include <stdlib.h>
#include <string.h>

bool fold_phase_opened(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    const Game__PhaseOpened *opened = entry->phase_opened;
    *audience = AUDIENCE(PUBLIC);
    if (game_open_phase(game) || !game_playing(game) || game->phases_count == GAME_MAX_PHASES) return false;
    if (opened->number != (int32_t)game->phases_count + 1) return false;
    struct phase *phase = array_add(&game->phases, &game->phases_count, sizeof *phase);
    if (!phase) return false;
    phase->day = opened->day;
    phase->kind = opened->kind;
    phase->state = EVENTS__PHASE__STATE__OPEN;
    phase->opened_ms = entry->time_ms;
    timer_run(&phase->timer, opened->closes_ms, entry->time_ms);
    game->state = EVENTS__EVENT__STATE__RUNNING;
    return true;
}

bool fold_phase_paused(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct phase *phase = game_open_phase(game);
    *audience = AUDIENCE(PUBLIC);
    if (!phase || phase->state != EVENTS__PHASE__STATE__OPEN) return false;
    phase->state = EVENTS__PHASE__STATE__PAUSED;
    timer_stop(&phase->timer, entry->phase_paused->remaining_ms);
    fold_clock_pause(game, entry->time_ms);
    struct poll *poll = game_open_poll(game);
    if (poll && entry->phase_paused->poll_remaining_ms)
        timer_stop(&poll->timer, entry->phase_paused->poll_remaining_ms);
    return true;
}

bool fold_phase_resumed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct phase *phase = game_open_phase(game);
    *audience = AUDIENCE(PUBLIC);
    if (!phase || phase->state != EVENTS__PHASE__STATE__PAUSED) return false;
    phase->state = EVENTS__PHASE__STATE__OPEN;
    timer_run(&phase->timer, entry->phase_resumed->closes_ms, entry->time_ms);
    fold_clock_resume(game, entry->time_ms);
    struct poll *poll = game_open_poll(game);
    if (poll && entry->phase_resumed->poll_closes_ms)
        timer_run(&poll->timer, entry->phase_resumed->poll_closes_ms, entry->time_ms);
    return true;
}

bool fold_phase_extended(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct phase *phase = game_open_phase(game);
    *audience = AUDIENCE(PUBLIC);
    if (!phase) return false;
    fold_timer(&phase->timer, entry->phase_extended->closes_ms, entry->phase_extended->remaining_ms,
               entry->time_ms);
    return true;
}

static bool keep_players(struct game *game, struct phase *phase)
{
    uint16_t people[GAME_MAX_SEATS];
    size_t count = game_roster(game, people);
    phase->players = calloc(count ? count : 1, sizeof *phase->players);
    if (!phase->players) return false;
    for (size_t i = 0; i < count; i++) phase->players[i] = game_player_now(game, people[i]);
    phase->players_count = count;
    return true;
}

bool fold_phase_closed(struct game *game, const Game__Entry *entry, struct audience *audience)
{
    struct phase *phase = game_open_phase(game);
    *audience = AUDIENCE(PUBLIC);
    if (!phase || entry->phase_closed->number != (int32_t)game->phases_count) return false;
    phase->state = EVENTS__PHASE__STATE__CLOSED;
    phase->closed_ms = entry->time_ms;
    timer_stop(&phase->timer, 0);
    game->clock = (struct speech_clock){0};
    memcpy(phase->hash, game->chain.head, HASH_CHAIN_HASH);
    return keep_players(game, phase);
}
