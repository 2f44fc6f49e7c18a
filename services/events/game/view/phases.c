// What a viewer may see of phases, open and closed.
#include "services/events/game/view/view.h"

#include "lib/base/stamp.h"

Events__Phase *view_phase(const struct game *game, int32_t number, struct arena *arena)
{
    const struct phase *phase = &game->phases[number - 1];
    Events__Phase *shown = arena_new(arena, Events__Phase);
    if (!shown) return NULL;
    events__phase__init(shown);
    shown->number = number;
    shown->day = phase->day;
    shown->kind = phase->kind;
    shown->state = phase->state;
    shown->opened_at = stamp_new(arena, phase->opened_ms);
    if (phase->closed_ms) shown->closed_at = stamp_new(arena, phase->closed_ms);
    if (phase->timer.closes_ms) shown->closes_at = stamp_new(arena, phase->timer.closes_ms);
    if (phase->timer.remaining_ms) shown->remaining = duration_new(arena, phase->timer.remaining_ms);
    return shown;
}

static bool fill_poll_ids(Events__PhaseReport *report, const struct game *game, int32_t number,
                          struct arena *arena)
{
    size_t count = 0;
    for (size_t i = 0; i < game->polls_count; i++) count += game->polls[i].phase == number;
    report->poll_ids = arena_array(arena, count + 1, sizeof *report->poll_ids);
    for (size_t i = 0; report->poll_ids && i < game->polls_count; i++)
        if (game->polls[i].phase == number)
            report->poll_ids[report->n_poll_ids++] = arena_str(arena, game->polls[i].id.text);
    return report->poll_ids;
}

static Events__PhaseReport *phase_report(const struct game *game, const struct viewer *viewer, int32_t number,
                                         struct arena *arena)
{
    const struct phase *phase = &game->phases[number - 1];
    Events__PhaseReport *report = arena_new(arena, Events__PhaseReport);
    if (!report) return NULL;
    events__phase_report__init(report);
    report->phase = view_phase(game, number, arena);
    report->players = arena_array(arena, phase->players_count + 1, sizeof *report->players);
    if (!report->players || !fill_poll_ids(report, game, number, arena)) return NULL;
    for (size_t i = 0; i < phase->players_count; i++) {
        Events__Player *player = view_player_then(game, viewer, &phase->players[i], arena);
        if (!player) return NULL;
        report->players[report->n_players++] = player;
    }
    return report;
}

bool view_phases(const struct game *game, const struct viewer *viewer, struct view_page *page,
                 Events__ListPhasesReply *reply, struct arena *arena)
{
    int32_t closed = game_closed_phases(game), number = page->first;
    size_t bytes = 0;
    reply->phases = arena_array(arena, page->most + 1, sizeof *reply->phases);
    if (!reply->phases) return false;
    for (; number <= closed && reply->n_phases < page->most && bytes < page->most_bytes; number++) {
        Events__PhaseReport *report = phase_report(game, viewer, number, arena);
        if (!report || (page->dress && !page->dress->report(page->dress->arg, report, arena))) return false;
        bytes += events__phase_report__get_packed_size(report);
        reply->phases[reply->n_phases++] = report;
    }
    page->next = number <= closed ? number : 0;
    return true;
}
