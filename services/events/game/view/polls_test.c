// One's own ballot, and who voted, in open, closed and secret polls.
#include "services/events/testing/game.h"

#define STATUS(name) EVENTS__STATUS__VALUE__##name

static const Events__Poll *seen_by(struct world *world, struct viewer viewer)
{
    const Events__Poll *poll =
        view_poll(&world->game, &viewer, &world->game.polls[world->game.polls_count - 1], &world->arena);
    assert_non_null(poll);
    return poll;
}

static const Events__Poll *player_sees(struct world *world, unsigned user)
{
    return seen_by(world, view_as(&world->game, id_of(user), false));
}

static const Events__Poll *god_sees(struct world *world) { return seen_by(world, view_as_god(&world->game)); }

static void assert_turnout(const Events__Poll *poll, int32_t voted, int32_t eligible)
{
    assert_int_equal(poll->voted, voted);
    assert_int_equal(poll->eligible, eligible);
}

static void one_s_own_ballot_is_shown_to_nobody_else(void **state)
{
    (void)state;
    for (int secret = 0; secret < 2; secret++) {
        struct world *world = world_running(4);
        assert_true(world_open_poll(world, secret));
        assert_true(world_cast(world, USER, id_of(USER + 1)));
        assert_true(world_cast(world, USER + 2, "NONE"));
        for (int closed = 0; closed < 2; closed++) {
            assert_string_equal(player_sees(world, USER)->my_candidate_id, id_of(USER + 1));
            assert_string_equal(player_sees(world, USER + 2)->my_candidate_id, "NONE");
            assert_string_equal(player_sees(world, USER + 1)->my_candidate_id, "");
            assert_string_equal(player_sees(world, USER + 50)->my_candidate_id, "");
            assert_string_equal(god_sees(world)->my_candidate_id, "");
            if (!closed) assert_true(world_close_poll(world));
        }
        world_destroy(world);
    }
}

static void the_god_sees_who_is_waited_for(void **state)
{
    (void)state;
    struct world *world = world_running(5);
    assert_true(world_open_poll(world, false));
    assert_true(world_cast(world, USER, "NONE"));
    assert_true(DO(world, GOD, status, id_of(USER + 1), STATUS(DEAD)));
    assert_true(DO(world, GOD, status, id_of(USER + 2), STATUS(SILENT_2_PHASES)));
    assert_true(DO(world, GOD, status, id_of(USER + 3), STATUS(DISABLED)));
    assert_turnout(player_sees(world, USER + 4), 1, 3); // that one is disabled is hidden
    assert_int_equal(player_sees(world, USER + 4)->n_waiting_for, 0);
    const Events__Poll *poll = god_sees(world);
    assert_turnout(poll, 1, 3);
    assert_int_equal(poll->n_waiting_for, 1);
    assert_string_equal(poll->waiting_for[0], id_of(USER + 4));
    world_destroy(world);
}

static void of_a_secret_poll_only_the_number_is_shown(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(world_open_poll(world, true));
    assert_true(world_cast(world, USER, "NONE"));
    assert_turnout(god_sees(world), 1, 4);
    assert_int_equal(god_sees(world)->n_waiting_for, 0);
    assert_true(world_close_poll(world));
    assert_turnout(player_sees(world, USER + 1), 1, 4);
    world_destroy(world);
}

static void a_ballot_for_who_left_is_waited_for_again(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(world_open_poll(world, false));
    assert_true(world_cast(world, USER, id_of(USER + 1)));
    assert_true(DO(world, GOD, status, id_of(USER + 1), STATUS(KICKED)));
    assert_turnout(god_sees(world), 0, 3);
    assert_int_equal(god_sees(world)->n_waiting_for, 3);
    assert_string_equal(player_sees(world, USER)->my_candidate_id, id_of(USER + 1));
    world_destroy(world);
}

// Later statuses are none of its business.
static void a_closed_poll_keeps_its_turnout(void **state)
{
    (void)state;
    for (int32_t rules = 0; rules <= GAME_RULES; rules++) {
        struct world *world = world_running_by(rules, 4);
        assert_true(world_open_poll(world, rules));
        assert_true(world_cast(world, USER, "NONE"));
        assert_true(world_cast(world, USER + 1, id_of(USER)));
        assert_true(world_close_poll(world));
        assert_true(DO(world, GOD, status, id_of(USER), STATUS(DEAD)));
        assert_true(DO(world, GOD, status, id_of(USER + 3), STATUS(DEAD)));
        assert_turnout(player_sees(world, USER + 2), 2, 4);
        assert_replays(world);
        world_destroy(world);
    }
}

static void a_guest_is_not_waited_for(void **state)
{
    (void)state;
    struct world *world = world_create();
    struct uuid guest;
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 1}, &terms);
    assert_true(world_reserve(world, USER, false));
    assert_true(DO(world, GOD, reserve_guest, "Grandmother", &guest));
    assert_true(DO(world, GOD, lock));
    assert_true(DO(world, GOD, reveal, world_secrets(world)));
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
    assert_true(world_open_poll(world, false));
    assert_turnout(god_sees(world), 0, 1);
    assert_int_equal(god_sees(world)->n_waiting_for, 1);
    assert_int_equal(god_sees(world)->n_candidates, 2);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_s_own_ballot_is_shown_to_nobody_else),
        cmocka_unit_test(the_god_sees_who_is_waited_for),
        cmocka_unit_test(of_a_secret_poll_only_the_number_is_shown),
        cmocka_unit_test(a_ballot_for_who_left_is_waited_for_again),
        cmocka_unit_test(a_closed_poll_keeps_its_turnout),
        cmocka_unit_test(a_guest_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
