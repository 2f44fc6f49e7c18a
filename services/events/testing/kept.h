// Kept reports compared with those rebuilt, of a game and of the same game some entries ago. The two share
// reports, as an event and its late view do.
#ifndef EVENTS_TESTING_KEPT_H
#define EVENTS_TESTING_KEPT_H

#include "services/events/live/reports.h"
#include "services/events/testing/game.h"

struct kept_reports {
    struct reports reports;
    struct game late;
    size_t behind; // how many entries
};

static inline void kept_open(struct kept_reports *kept, size_t behind)
{
    *kept = (struct kept_reports){.behind = behind};
    game_init(&kept->late);
}

static inline void kept_close(struct kept_reports *kept)
{
    reports_forget(&kept->reports);
    game_finish(&kept->late);
}

static inline void assert_kept_equals_made(struct reports *reports, const struct game *game)
{
    struct arena arena;
    arena_init(&arena, 64 << 20);
    struct viewer everyone = view_as_public(game);
    struct view_page page = {1, GAME_MAX_PHASES, SIZE_MAX, 0, NULL}, same = page;
    Events__ListPhasesReply made = EVENTS__LIST_PHASES_REPLY__INIT;
    size_t count;
    assert_true(view_phases(game, &everyone, &page, &made, &arena));
    const ProtobufCBinaryData *all = reports_page(reports, game, &same, &count, &arena);
    assert_non_null(all);
    assert_int_equal(count, made.n_phases);
    assert_int_equal(same.next, page.next);
    for (size_t i = 0; i < count; i++) {
        uint8_t *bytes = arena_alloc(&arena, events__phase_report__get_packed_size(made.phases[i]));
        assert_int_equal(events__phase_report__pack(made.phases[i], bytes), all[i].len);
        assert_memory_equal(bytes, all[i].data, all[i].len);
    }
    arena_finish(&arena);
}

static inline void assert_kept(struct kept_reports *kept, const struct world *world)
{
    struct game *late = &kept->late;
    while (late->chain.seq + kept->behind < world->kept_count) {
        size_t at = late->chain.seq;
        assert_true(game_apply(late, world->kept[at].salt, world->kept[at].entry, world->kept[at].len));
    }
    // At the end everybody sees the game as it is.
    if (late->state && !game_over(&world->game)) assert_kept_equals_made(&kept->reports, late);
    assert_kept_equals_made(&kept->reports, &world->game);
}

#endif
