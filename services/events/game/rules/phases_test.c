// Phases, their timers, statuses that end with them, and what the clock does.
#include "services/events/testing/game.h"

#define STATUS(name) EVENTS__STATUS__VALUE__##name
#define PHASE(name) EVENTS__PHASE__KIND__##name

static void phases_alternate_and_nights_end_days(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_false(DO(world, GOD, open_phase, PHASE(DAY), 0));
    assert_refused(world, PHASE_REPEATED);
    assert_true(DO(world, GOD, open_phase, PHASE(NIGHT), 0));
    assert_int_equal(world->game.phases[0].state, EVENTS__PHASE__STATE__CLOSED);
    assert_true(DO(world, GOD, close_phase));
    assert_false(DO(world, GOD, close_phase));
    assert_refused(world, PHASE_NOT_OPEN);
    assert_true(DO(world, GOD, open_phase, PHASE(DAY), 0));
    assert_int_equal(world->game.phases[2].day, 2);
    assert_replays(world);
    world_destroy(world);
}

static void timers_pause_extend_and_close(void **state)
{
    (void)state;
    struct world *world = world_dealt(4);
    assert_true(DO(world, GOD, open_phase, PHASE(DAY), 5 * MINUTE));
    world->now_ms += 2 * MINUTE;
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_int_equal(world->game.phases[0].remaining_ms, 3 * MINUTE);
    world->now_ms += 60 * MINUTE;
    assert_false(world_tick(world));
    assert_true(DO(world, GOD, time_phase, PAUSE_OFF, MINUTE));
    assert_int_equal(world->game.phases[0].closes_ms, world->now_ms + 4 * MINUTE);
    world->now_ms += 4 * MINUTE - 1;
    assert_false(world_tick(world));
    world->now_ms += 1;
    assert_true(world_tick(world));
    assert_int_equal(world->game.phases[0].state, EVENTS__PHASE__STATE__CLOSED);
    assert_false(world_tick(world));
    world_destroy(world);
}

static void close_phases(struct world *world, int count)
{
    for (int i = 0; i < count; i++)
        assert_true(DO(world, GOD, open_phase, world->game.phases_count % 2 ? PHASE(NIGHT) : PHASE(DAY), 0));
}

static void timed_statuses_end_by_themselves_and_stack(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(PRO_KILLED_9_PHASES)));
    assert_true(DO(world, GOD, status, id_of(USER), STATUS(SILENT_2_PHASES)));
    assert_int_equal(world_person(world, USER)->statuses.until[STATUS(SILENT_2_PHASES)], 2);
    close_phases(world, 1);
    assert_true(person_has(world_person(world, USER), STATUS(SILENT_2_PHASES)));
    close_phases(world, 1);
    assert_false(person_has(world_person(world, USER), STATUS(SILENT_2_PHASES)));
    assert_true(person_has(world_person(world, USER), STATUS(PRO_KILLED_9_PHASES)));
    close_phases(world, 6);
    assert_true(person_alive(world_person(world, USER)));
    close_phases(world, 1); // the ninth
    assert_false(person_alive(world_person(world, USER)));
    assert_false(person_has(world_person(world, USER), STATUS(PRO_KILLED_9_PHASES)));
    assert_true(person_has(world_person(world, USER), STATUS(DEAD)));
    assert_replays(world);
    world_destroy(world);
}

static void an_event_expires_unless_it_runs(void **state)
{
    (void)state;
    struct world *world = world_dealt(4), *running = world_running(4);
    world->now_ms = running->now_ms = EVENING + 48 * HOUR;
    assert_true(world_tick(world));
    assert_int_equal(world->game.state, EVENTS__EVENT__STATE__EXPIRED);
    assert_true(world->game.opened);
    assert_false(world_tick(running));
    assert_int_equal(running->game.state, EVENTS__EVENT__STATE__RUNNING);
    world_destroy(world);
    world_destroy(running);
}

static void reminders_come_once_and_not_late(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(2);
    world_open(world, (struct world_deck){2, 2}, &terms);
    const int64_t times[] = {EVENING - 25 * HOUR, EVENING - 24 * HOUR, EVENING - 23 * HOUR,
                             EVENING - 10 * MINUTE, EVENING};
    const size_t expected[] = {0, 1, 1, 2,
                               2}; // the one of an hour before was missed: only the newest is sent
    for (size_t i = 0; i < 5; i++) {
        world->now_ms = times[i];
        world_tick(world);
        world_tick(world);
        assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_REMINDED), expected[i]);
    }
    terms.starts_ms += 3 * HOUR; // moved: what lies ahead is armed again
    terms.expires_ms += 3 * HOUR;
    assert_true(DO(world, GOD, edit, &terms));
    world->now_ms = terms.starts_ms - HOUR;
    world_tick(world);
    world_tick(world);
    assert_int_equal(world_kinds(world, GAME__ENTRY__BODY_REMINDED), 3);
    assert_replays(world);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_alternate_and_nights_end_days),
        cmocka_unit_test(timers_pause_extend_and_close),
        cmocka_unit_test(timed_statuses_end_by_themselves_and_stack),
        cmocka_unit_test(an_event_expires_unless_it_runs),
        cmocka_unit_test(reminders_come_once_and_not_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
