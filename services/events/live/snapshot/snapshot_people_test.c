// A phase of a snapshot that does not fit the game is refused.
#include "services/events/live/snapshot/snapshot_people.h"
#include "services/events/testing/game.h"

// The roster is kept when a phase closes, and would be kept a second time.
static void an_open_phase_has_no_roster(void **state)
{
    Game__Snapshot__Phase saved = GAME__SNAPSHOT__PHASE__INIT;
    Game__Snapshot__PlayerThen then = GAME__SNAPSHOT__PLAYER_THEN__INIT, *players[] = {&then};
    struct world *world = world_running(4);
    struct game *game = &world->game;
    (void)state;
    arena_reset(&world->arena);
    assert_non_null(game_open_phase(game));
    snapshot_save_phase(&saved, game_open_phase(game), &world->arena);
    game->phases_count--;
    saved.n_players = 1;
    saved.players = players;
    assert_false(snapshot_restore_phase(game, &saved));
    saved.n_players = 0;
    assert_true(snapshot_restore_phase(game, &saved));
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_phase_has_no_roster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
