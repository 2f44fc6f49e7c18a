// What happens at the table beside the game.
#include "services/events/testing/game.h"

static Events__Player *seen_by(struct world *world, const char *user_id, unsigned player)
{
    struct viewer viewer = view_as(&world->game, user_id, false);
    int person = game_person(&world->game, id_of(player));
    return view_player(&world->game, &viewer, person, &world->arena);
}

static void fouls_are_counted_for_everybody_to_see(void **state)
{
    (void)state;
    struct world *world = world_running(3);
    const char *const eyes[] = {"", id_of(GOD), id_of(USER), id_of(USER + 1)};
    assert_true(DO(world, GOD, foul, id_of(USER)));
    assert_true(DO(world, GOD, foul, id_of(USER)));
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(seen_by(world, eyes[i], USER)->fouls, 2);
        assert_int_equal(seen_by(world, eyes[i], USER + 1)->fouls, 0);
    }
    assert_int_equal(world->kept[world->kept_count - 1].audience.kind, AUDIENCE_PUBLIC);
    assert_replays(world);
    world_destroy(world);
}

static void a_closed_phase_has_the_fouls_of_its_time(void **state)
{
    (void)state;
    struct world *world = world_running(2);
    assert_true(DO(world, GOD, foul, id_of(USER)));
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__NIGHT, 0));
    assert_true(DO(world, GOD, foul, id_of(USER)));
    Events__ListPhasesReply phases = EVENTS__LIST_PHASES_REPLY__INIT;
    struct view_page page = {1, 20, SIZE_MAX, 0};
    struct viewer everyone = view_as_public(&world->game);
    assert_true(view_phases(&world->game, &everyone, &page, &phases, &world->arena));
    assert_int_equal(phases.phases[0]->players[0]->fouls, 1);
    assert_int_equal(seen_by(world, "", USER)->fouls, 2);
    assert_replays(world);
    world_destroy(world);
}

static void fouls_are_given_to_players_of_a_running_game(void **state)
{
    (void)state;
    struct world *world = world_dealt(2);
    assert_false(DO(world, GOD, foul, id_of(USER)));
    assert_refused(world, EVENT_NOT_RUNNING);
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
    assert_false(DO(world, GOD, foul, id_of(GOD)));
    assert_refused(world, NOT_A_PLAYER);
    for (int i = 0; i < GAME_MAX_FOULS; i++) assert_true(DO(world, GOD, foul, id_of(USER)));
    assert_false(DO(world, GOD, foul, id_of(USER)));
    assert_refused(world, LIMIT_REACHED);
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    assert_false(DO(world, GOD, foul, id_of(USER + 1)));
    assert_refused(world, EVENT_OVER);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fouls_are_counted_for_everybody_to_see),
        cmocka_unit_test(a_closed_phase_has_the_fouls_of_its_time),
        cmocka_unit_test(fouls_are_given_to_players_of_a_running_game),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
