#include "services/events/live/reports.h"

#include <stdlib.h>

bool reports_fit(const struct viewer *viewer)
{
    return viewer->all || (!viewer->god && viewer->person == GAME_NO_ONE);
}

void reports_forget(struct reports *reports)
{
    for (size_t i = 0; reports->all && i < GAME_MAX_PHASES; i++) free(reports->all[i].data);
    free(reports->all);
    *reports = (struct reports){0};
}

static bool is_ready(struct reports *reports, const struct game *game, const struct view_dress *dress)
{
    uint64_t version = dress ? dress->version : 0;
    bool as_made = reports->over == game_over(game) && reports->names == game->names.version &&
                   reports->dress == version && reports->claims == game->claim_changes;
    if (!as_made) reports_forget(reports);
    reports->over = game_over(game);
    reports->names = game->names.version;
    reports->dress = version;
    reports->claims = game->claim_changes;
    if (!reports->all) reports->all = calloc(GAME_MAX_PHASES, sizeof *reports->all);
    return reports->all;
}

static bool reports_make(struct reports *reports, const struct game *game, int32_t number,
                         const struct view_dress *dress, struct arena *arena)
{
    struct viewer everyone = view_as_public(game);
    struct view_page page = {.first = number, .most = 1, .most_bytes = SIZE_MAX, .dress = dress};
    Events__ListPhasesReply made = EVENTS__LIST_PHASES_REPLY__INIT;
    ProtobufCBinaryData *kept = &reports->all[number - 1];
    if (!view_phases(game, &everyone, &page, &made, arena)) return false;
    size_t len = events__phase_report__get_packed_size(made.phases[0]);
    kept->data = malloc(len);
    if (!kept->data) return false;
    kept->len = events__phase_report__pack(made.phases[0], kept->data);
    reports->bytes += len;
    return true;
}

const ProtobufCBinaryData *reports_page(struct reports *reports, const struct game *game,
                                        struct view_page *page, size_t *count, struct arena *arena)
{
    int32_t closed = game_closed_phases(game), number = page->first;
    size_t bytes = 0;
    if (!is_ready(reports, game, page->dress)) return NULL;
    for (*count = 0; number <= closed && *count < page->most && bytes < page->most_bytes; number++) {
        if (!reports->all[number - 1].data && !reports_make(reports, game, number, page->dress, arena))
            return NULL;
        bytes += reports->all[number - 1].len;
        ++*count;
    }
    page->next = number <= closed ? number : 0;
    return &reports->all[page->first - 1];
}
