// Phases, their timers, statuses that end with them, and what the clock does.
#include "lib/base/stamp.h"
#include "services/events/testing/game.h"
#include "services/events/game/status.h"

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
    assert_int_equal(world->game.phases[0].timer.remaining_ms, 3 * MINUTE);
    world->now_ms += 60 * MINUTE;
    assert_false(world_tick(world));
    assert_true(DO(world, GOD, time_phase, PAUSE_OFF, MINUTE));
    assert_int_equal(world->game.phases[0].timer.closes_ms, world->now_ms + 4 * MINUTE);
    world->now_ms += 4 * MINUTE - 1;
    assert_false(world_tick(world));
    world->now_ms += 1;
    assert_true(world_tick(world));
    assert_int_equal(world->game.phases[0].state, EVENTS__PHASE__STATE__CLOSED);
    assert_false(world_tick(world));
    world_destroy(world);
}

static const Events__Phase *shown_phase(struct world *world, int32_t number)
{
    return view_phase(&world->game, number, &world->arena);
}

static void a_closed_phase_says_when_it_was_closed(void **state)
{
    (void)state;
    struct world *world = world_dealt(4);
    int64_t begun_ms = world->now_ms;
    assert_true(DO(world, GOD, open_phase, PHASE(DAY), 5 * MINUTE));
    world->now_ms += MINUTE;
    assert_null(shown_phase(world, 1)->closed_at);
    assert_true(DO(world, GOD, open_phase, PHASE(NIGHT), MINUTE));
    assert_int_equal(stamp_ms(shown_phase(world, 1)->closed_at), begun_ms + MINUTE);
    assert_null(shown_phase(world, 2)->closed_at);
    world->now_ms += 2 * MINUTE; // the clock comes late
    assert_true(world_tick(world));
    assert_int_equal(stamp_ms(shown_phase(world, 2)->closed_at), begun_ms + 3 * MINUTE);
    assert_int_equal(stamp_ms(shown_phase(world, 1)->closed_at), begun_ms + MINUTE);
    assert_replays(world);
    world_destroy(world);
}

static const struct poll *open_timed_poll(struct world *world, int32_t seconds)
{
    Events__OpenPollRequest open = EVENTS__OPEN_POLL_REQUEST__INIT;
    Google__Protobuf__Duration closes_in = GOOGLE__PROTOBUF__DURATION__INIT;
    closes_in.seconds = seconds;
    open.kind = EVENTS__POLL__KIND__NOMINATION;
    if (seconds) open.closes_in = &closes_in;
    assert_true(DO(world, GOD, open_poll, &open));
    return &world->game.polls[world->game.polls_count - 1];
}

static void a_pause_stops_the_polls_clock_with_the_phases(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    const struct poll *poll = open_timed_poll(world, 60);
    world->now_ms += 20000;
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_int_equal(poll->timer.remaining_ms, 40000);
    world->now_ms += HOUR;
    assert_false(world_tick(world));
    assert_false(world_cast(world, USER, "NONE"));
    assert_refused(world, PHASE_PAUSED);
    assert_replays(world);
    assert_true(DO(world, GOD, time_phase, PAUSE_OFF, 0));
    assert_int_equal(poll->timer.closes_ms, world->now_ms + 40000);
    assert_true(world_cast(world, USER, "NONE"));
    world->now_ms += 39999;
    assert_false(world_tick(world));
    world->now_ms += 1;
    assert_true(world_tick(world));
    assert_null(game_open_poll(&world->game));
    assert_replays(world);
    world_destroy(world);
}

static void a_poll_waits_for_the_end_of_a_pause(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    Events__OpenPollRequest open = EVENTS__OPEN_POLL_REQUEST__INIT;
    open.kind = EVENTS__POLL__KIND__TRIAL;
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_false(DO(world, GOD, open_poll, &open));
    assert_refused(world, PHASE_PAUSED);
    assert_true(DO(world, GOD, time_phase, PAUSE_OFF, 0));
    open_timed_poll(world, 0);
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_true(world_close_poll(world)); // the god may
    world_destroy(world);
}

static void polls_of_before_do_not_pause(void **state)
{
    (void)state;
    struct world *world = world_running_by(0, 4);
    const struct poll *poll = open_timed_poll(world, 60);
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_true(world_cast(world, USER, "NONE"));
    world->now_ms += MINUTE;
    assert_true(world_tick(world));
    assert_false(poll->open);
    assert_replays(world);
    world_destroy(world);
}

static void only_a_timer_is_extended(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    assert_false(DO(world, GOD, time_phase, PAUSE_KEEP, MINUTE));
    assert_refused(world, NO_TIMER);
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_false(DO(world, GOD, time_phase, PAUSE_OFF, MINUTE));
    assert_refused(world, NO_TIMER);
    assert_int_equal(world->game.phases[0].state, EVENTS__PHASE__STATE__PAUSED);
    assert_true(DO(world, GOD, time_phase, PAUSE_OFF, 0));
    const struct poll *poll = open_timed_poll(world, 0);
    char id[UUID_LEN + 1];
    strcpy(id, poll->id.text);
    assert_false(DO(world, GOD, extend_poll, id, MINUTE));
    assert_refused(world, NO_TIMER);
    assert_true(world_close_poll(world));
    assert_false(DO(world, GOD, extend_poll, id, MINUTE));
    assert_refused(world, POLL_CLOSED);
    assert_false(DO(world, GOD, extend_poll, id_of(GOD), MINUTE));
    assert_refused(world, NOT_FOUND);
    world_destroy(world);
}

static void a_poll_is_extended_running_or_stopped(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    const struct poll *poll = open_timed_poll(world, 60);
    char id[UUID_LEN + 1];
    strcpy(id, poll->id.text);
    world->now_ms += 50000;
    assert_true(DO(world, GOD, extend_poll, id, MINUTE));
    assert_int_equal(poll->timer.closes_ms, world->now_ms + 70000);
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_true(DO(world, GOD, extend_poll, id, MINUTE));
    assert_int_equal(poll->timer.remaining_ms, 130000);
    assert_false(DO(world, GOD, extend_poll, id, 24 * HOUR - 130000 + 1));
    assert_refused(world, LIMIT_REACHED);
    assert_string_equal(world->err.field, "extend");
    assert_false(DO(world, GOD, extend_poll, id, -1));
    assert_refused(world, INVALID_FIELD);
    size_t before = world->kept_count;
    assert_true(DO(world, GOD, extend_poll, id, 0)); // nothing to say
    assert_int_equal(world->kept_count, before);
    assert_replays(world);
    world_destroy(world);
}

static void a_clock_that_was_ahead_lengthens_nothing(void **state)
{
    (void)state;
    const int64_t days = 72 * (int64_t)HOUR;
    struct world *world = world_dealt(4);
    world->now_ms += days;
    assert_true(DO(world, GOD, open_phase, PHASE(DAY), 5 * MINUTE));
    const struct poll *poll = open_timed_poll(world, 60);
    world->now_ms -= days;
    assert_true(world_tick(world));
    assert_int_equal(world->game.phases[0].timer.closes_ms, world->now_ms + 5 * MINUTE);
    assert_int_equal(poll->timer.closes_ms, world->now_ms + MINUTE);
    assert_false(world_tick(world));
    assert_replays(world);
    world->now_ms += 5 * MINUTE;
    assert_true(world_tick(world));
    assert_null(game_open_phase(&world->game));
    world_destroy(world);
}

// Also when the god comes before the clock.
static void what_is_paused_or_extended_after_it_keeps_its_length(void **state)
{
    (void)state;
    const int64_t days = 72 * (int64_t)HOUR;
    struct world *world = world_dealt(4);
    world->now_ms += days;
    assert_true(DO(world, GOD, open_phase, PHASE(DAY), 5 * MINUTE));
    open_timed_poll(world, 60);
    world->now_ms -= days;
    assert_true(DO(world, GOD, time_phase, PAUSE_KEEP, MINUTE));
    assert_int_equal(world->game.phases[0].timer.closes_ms, world->now_ms + 6 * MINUTE);
    assert_true(DO(world, GOD, time_phase, PAUSE_ON, 0));
    assert_int_equal(world->game.phases[0].timer.remaining_ms, 6 * MINUTE);
    assert_int_equal(world->game.polls[0].timer.remaining_ms, MINUTE);
    assert_replays(world);
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
        cmocka_unit_test(a_closed_phase_says_when_it_was_closed),
        cmocka_unit_test(a_pause_stops_the_polls_clock_with_the_phases),
        cmocka_unit_test(a_poll_waits_for_the_end_of_a_pause),
        cmocka_unit_test(polls_of_before_do_not_pause),
        cmocka_unit_test(only_a_timer_is_extended),
        cmocka_unit_test(a_poll_is_extended_running_or_stopped),
        cmocka_unit_test(a_clock_that_was_ahead_lengthens_nothing),
        cmocka_unit_test(what_is_paused_or_extended_after_it_keeps_its_length),
        cmocka_unit_test(timed_statuses_end_by_themselves_and_stack),
        cmocka_unit_test(an_event_expires_unless_it_runs),
        cmocka_unit_test(reminders_come_once_and_not_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
