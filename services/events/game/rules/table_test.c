// What happens at the table beside the game.
#include "lib/base/stamp.h"
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
    struct view_page page = {1, 20, SIZE_MAX, 0, NULL};
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

static bool set_clock(struct world *world, int32_t seconds, const char *user_id)
{
    Events__ClockRequest clock = EVENTS__CLOCK_REQUEST__INIT;
    clock.seconds = seconds;
    clock.user_id = user_id;
    clock.label = "defence";
    return DO(world, GOD, set_clock, &clock);
}

static void the_clock_of_who_speaks_is_started_and_stopped(void **state)
{
    (void)state;
    struct world *world = world_running(2);
    assert_true(set_clock(world, 0, "")); // none runs
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_CLOCK_STOPPED), 0);
    assert_true(set_clock(world, 90, id_of(USER)));
    Events__SpeechClock *shown = view_clock(&world->game, &world->arena);
    assert_string_equal(shown->user_id, id_of(USER));
    assert_string_equal(shown->label, "defence");
    assert_int_equal(stamp_ms(shown->started_at), world->now_ms);
    assert_int_equal(stamp_ms(shown->ends_at), world->now_ms + 90000);
    assert_true(set_clock(world, 60, ""));
    assert_string_equal(view_clock(&world->game, &world->arena)->user_id, "");
    assert_true(set_clock(world, 0, ""));
    assert_false(timer_is_set(&world->game.clock.timer));
    assert_replays(world);
    world_destroy(world);
}

static void it_needs_a_phase_that_goes_on_and_a_player(void **state)
{
    (void)state;
    struct world *world = world_dealt(2);
    assert_false(set_clock(world, 60, ""));
    assert_refused(world, EVENT_NOT_RUNNING);
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__DAY, 0));
    assert_false(set_clock(world, 60, id_of(GOD)));
    assert_refused(world, NOT_A_PLAYER);
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_false(set_clock(world, 60, ""));
    assert_refused(world, PHASE_PAUSED);
    assert_true(DO(world, GOD, close_phase));
    assert_false(set_clock(world, 60, ""));
    assert_refused(world, PHASE_NOT_OPEN);
    world_destroy(world);
}

static void it_stops_and_goes_on_with_the_phase_and_ends_with_it(void **state)
{
    (void)state;
    struct world *world = world_running(2);
    assert_true(set_clock(world, 90, id_of(USER)));
    world->now_ms += 30000;
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    Events__SpeechClock *shown = view_clock(&world->game, &world->arena);
    assert_null(shown->ends_at);
    assert_int_equal(duration_ms(shown->remaining), 60000);
    world->now_ms += HOUR;
    assert_true(DO(world, GOD, time_phase, PAUSE_OFF, 0));
    shown = view_clock(&world->game, &world->arena);
    assert_int_equal(stamp_ms(shown->ends_at), world->now_ms + 60000);
    assert_null(shown->remaining);
    assert_replays(world);
    assert_true(DO(world, GOD, open_phase, EVENTS__PHASE__KIND__NIGHT, 0));
    assert_false(timer_is_set(&world->game.clock.timer));
    assert_replays(world);
    world_destroy(world);
}

static void one_that_is_over_does_not_come_back_after_a_pause(void **state)
{
    (void)state;
    struct world *world = world_running(2);
    assert_true(set_clock(world, 10, id_of(USER)));
    world->now_ms += 10000;
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_true(DO(world, GOD, time_phase, PAUSE_OFF, 0));
    assert_false(timer_is_set(&world->game.clock.timer));
    assert_replays(world);
    world_destroy(world);
}

static void one_that_a_clock_ahead_has_set_is_set_again(void **state)
{
    (void)state;
    struct world *world = world_running(2);
    assert_true(set_clock(world, 90, id_of(USER)));
    world->now_ms -= HOUR;
    assert_true(world_tick(world));
    Events__SpeechClock *shown = view_clock(&world->game, &world->arena);
    assert_int_equal(stamp_ms(shown->ends_at), world->now_ms + 90000);
    assert_string_equal(shown->user_id, id_of(USER));
    assert_string_equal(shown->label, "defence");
    assert_false(world_tick(world));
    assert_replays(world);
    world_destroy(world);
}

static size_t count_waited_for(struct world *world)
{
    return view_ready_check(&world->game, &world->arena)->n_waiting_for;
}

static bool say_ready(struct world *world, unsigned user)
{
    char id[UUID_LEN + 1];
    return DO(world, user, say_ready, strcpy(id, id_of(user)));
}

static void everybody_says_once_that_they_are_ready(void **state)
{
    (void)state;
    struct world *world = world_dealt(3);
    assert_true(DO(world, GOD, ask_ready, 60));
    uint64_t act = world->game.act;
    assert_int_equal(count_waited_for(world), 3);
    assert_true(say_ready(world, USER + 1));
    assert_true(say_ready(world, USER + 1));
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_READY), 1);
    assert_int_equal(world->game.act, act); // a player's own step
    const Events__ReadyCheck *check = view_ready_check(&world->game, &world->arena);
    assert_int_equal(stamp_ms(check->ends_at) - stamp_ms(check->asked_at), MINUTE);
    assert_int_equal(check->n_ready, 1);
    assert_string_equal(check->ready[0], id_of(USER + 1));
    assert_string_equal(check->waiting_for[1], id_of(USER + 2));
    assert_true(DO(world, GOD, ask_ready, 60)); // anew
    assert_int_equal(count_waited_for(world), 3);
    assert_replays(world);
    world_destroy(world);
}

static void only_living_players_are_asked(void **state)
{
    (void)state;
    struct world *world = world_running(3);
    assert_true(DO(world, GOD, ask_ready, 60));
    assert_true(DO(world, GOD, status, id_of(USER), EVENTS__STATUS__VALUE__DEAD));
    assert_int_equal(count_waited_for(world), 2);
    assert_false(say_ready(world, USER));
    assert_refused(world, NOT_A_LIVING_PLAYER);
    assert_false(say_ready(world, GOD));
    assert_refused(world, NOT_A_PLAYER);
    world_destroy(world);
}

static void a_ready_check_has_an_end(void **state)
{
    (void)state;
    struct world *world = world_dealt(2);
    assert_false(say_ready(world, USER));
    assert_refused(world, NO_READY_CHECK);
    assert_true(DO(world, GOD, ask_ready, 60));
    world->now_ms += MINUTE - 1;
    assert_true(say_ready(world, USER));
    world->now_ms += 1;
    assert_false(say_ready(world, USER + 1));
    assert_refused(world, NO_READY_CHECK);
    world->now_ms -= HOUR; // the clock was ahead when it was asked
    assert_false(say_ready(world, USER + 1));
    assert_refused(world, NO_READY_CHECK);
    assert_true(DO(world, GOD, ask_ready, 60));
    assert_true(say_ready(world, USER + 1));
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    assert_false(say_ready(world, USER));
    assert_refused(world, EVENT_OVER);
    assert_false(DO(world, GOD, ask_ready, 60));
    assert_refused(world, EVENT_OVER);
    world_destroy(world);
}

static void who_comes_again_is_asked_again(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 1}, &terms);
    assert_true(DO(world, GOD, ask_ready, 60));
    assert_int_equal(count_waited_for(world), 0);
    assert_true(world_reserve(world, USER, false));
    assert_true(say_ready(world, USER));
    assert_int_equal(count_waited_for(world), 0);
    assert_true(DO(world, USER, leave, id_of(USER), NULL));
    assert_true(world_reserve(world, USER, false));
    assert_int_equal(count_waited_for(world), 1);
    assert_replays(world);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fouls_are_counted_for_everybody_to_see),
        cmocka_unit_test(a_closed_phase_has_the_fouls_of_its_time),
        cmocka_unit_test(fouls_are_given_to_players_of_a_running_game),
        cmocka_unit_test(the_clock_of_who_speaks_is_started_and_stopped),
        cmocka_unit_test(it_needs_a_phase_that_goes_on_and_a_player),
        cmocka_unit_test(it_stops_and_goes_on_with_the_phase_and_ends_with_it),
        cmocka_unit_test(one_that_is_over_does_not_come_back_after_a_pause),
        cmocka_unit_test(one_that_a_clock_ahead_has_set_is_set_again),
        cmocka_unit_test(everybody_says_once_that_they_are_ready),
        cmocka_unit_test(only_living_players_are_asked),
        cmocka_unit_test(a_ready_check_has_an_end),
        cmocka_unit_test(who_comes_again_is_asked_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
