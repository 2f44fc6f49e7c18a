// Polls and ballots.
#include "services/events/testing/game.h"

#define STATUS(name) EVENTS__STATUS__VALUE__##name

static void the_revived_vote_again(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(DEAD)));
    assert_true(world_open_poll(world, false));
    assert_false(world_cast(world, USER, "NONE"));
    assert_refused(world, NOT_A_LIVING_PLAYER);
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(DEFAULT)));
    assert_true(world_cast(world, USER, id_of(USER + 1)));
    world_destroy(world);
}

static void ballots_count_by_weight_and_can_change(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Events__Weight weight = EVENTS__WEIGHT__INIT, *weights[] = {&weight};
    char heavy[UUID_LEN + 1];
    Events__OpenPollRequest open = EVENTS__OPEN_POLL_REQUEST__INIT;
    weight.user_id = strcpy(heavy, id_of(USER + 3));
    weight.weight = 3;
    open.kind = EVENTS__POLL__KIND__TRIAL;
    open.n_weights = 1;
    open.weights = weights;
    assert_true(DO(world, GOD, open_poll, &open));
    assert_false(world_open_poll(world, false));
    assert_refused(world, POLL_OPEN);
    assert_true(world_cast(world, USER, id_of(USER + 1)));
    assert_true(world_cast(world, USER, id_of(USER + 2)));
    assert_true(world_cast(world, USER + 3, id_of(USER + 1)));
    assert_true(world_cast(world, USER + 2, "NONE"));
    assert_false(world_cast(world, USER + 1, id_of(GOD)));
    assert_refused(world, NOT_A_CANDIDATE);
    const struct poll *poll = &world->game.polls[0];
    assert_int_equal(poll_count(poll, (uint16_t)game_player(&world->game, id_of(USER + 1))), 3);
    assert_int_equal(poll_count(poll, (uint16_t)game_player(&world->game, id_of(USER + 2))), 1);
    assert_int_equal(poll_count(poll, BALLOT_NONE), 1);
    assert_true(DO(world, GOD, close_poll, poll->id.text));
    assert_false(world_cast(world, USER, "NONE"));
    assert_refused(world, POLL_CLOSED);
    assert_replays(world);
    world_destroy(world);
}

static void the_silenced_and_disabled_do_not_vote(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(world_open_poll(world, true));
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(SILENT_2_PHASES)));
    assert_true(DO(world, GOD, status, id_of(USER + 1), STATUS(DISABLED)));
    assert_false(world_cast(world, USER, "NONE"));
    assert_refused(world, MAY_NOT_VOTE);
    assert_false(world_cast(world, USER + 1, "NONE"));
    assert_refused(world, MAY_NOT_VOTE);
    assert_false(world_cast(world, OTHER_GOD, "NONE"));
    assert_refused(world, NOT_A_LIVING_PLAYER);
    world_destroy(world);
}

static void a_poll_ends_with_its_time_or_its_phase(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Events__OpenPollRequest open = EVENTS__OPEN_POLL_REQUEST__INIT;
    Google__Protobuf__Duration closes_in = GOOGLE__PROTOBUF__DURATION__INIT;
    closes_in.seconds = 30;
    open.kind = EVENTS__POLL__KIND__NOMINATION;
    open.closes_in = &closes_in;
    assert_true(DO(world, GOD, open_poll, &open));
    world->now_ms += 30000;
    assert_true(world_tick(world));
    assert_null(game_open_poll(&world->game));
    assert_true(world_open_poll(world, false));
    assert_true(DO(world, GOD, close_phase));
    assert_null(game_open_poll(&world->game));
    assert_false(world_open_poll(world, false));
    assert_refused(world, PHASE_NOT_OPEN);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_revived_vote_again),
        cmocka_unit_test(ballots_count_by_weight_and_can_change),
        cmocka_unit_test(the_silenced_and_disabled_do_not_vote),
        cmocka_unit_test(a_poll_ends_with_its_time_or_its_phase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
