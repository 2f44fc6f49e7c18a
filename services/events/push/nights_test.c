// What browsers are told of and what not because of nights: in two games that differ only in who was told
// something in a night, the same people are told at dawn. Nobody answers there, so who is told is told again.
#include "services/events/push/nights.h"

#include "lib/net/outside.h"
#include "notifications.pb-c.h"
#include "services/events/push/browsers.h"
#include "services/events/testing/browser.h"

// Whether there was something to tell of.
static bool rings(struct service_world *world, const struct asker *who)
{
    struct arena arena;
    struct err err = {0};
    int64_t again_ms;
    const struct outside outside = {.loopback = true};
    arena_init(&arena, 8 << 20);
    struct bell bell = {.events = &world->events, .outside = &outside, .arena = &arena};
    if (!bell_ring(&bell, who->user_id, world->now_ms, &again_ms, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
    return again_ms != INT64_MAX;
}

static void open_phase(struct service_world *world, const char *kind)
{
    char request[WORLD_REQUEST];
    world->now_ms += 60000;
    snprintf(request, sizeof request, "{" EVENT ",'kind':'%s'}", kind);
    service_must(world, &god, "events.OpenPhase", request);
    world->now_ms += 60000;
}

static void note(struct service_world *world, const char *user)
{
    char request[WORLD_REQUEST];
    world->now_ms += 1000;
    snprintf(request, sizeof request, "{" EVENT ",'user_id':'%s','audience':'PLAYER','text':'look'}", user);
    service_must(world, &god, "events.AddNote", request);
    service_hand_out(world, service_recall(world, "event"));
}

static void begin_game(struct service_world *world)
{
    open_dealt(world);
    service_hand_out(world, service_recall(world, "event"));
    register_browser(world, &player, 0);
    register_browser(world, &other, 0);
    open_phase(world, "NIGHT");
}

static void who_was_told_something_in_a_night_is_not_rung_at_dawn(void **state)
{
    struct service_world *world = *state;
    begin_game(world);
    note(world, player.user_id);
    assert_false(rings(world, &player));
    open_phase(world, "DAY");
    assert_false(rings(world, &player));
    assert_false(rings(world, &other));
    note(world, other.user_id);
    assert_false(rings(world, &player));
    assert_true(rings(world, &other));
    note(world, player.user_id); // tells also of what came before
    assert_true(rings(world, &player));
}

static void what_ends_an_event_rings_at_all(void **state)
{
    struct service_world *world = *state;
    begin_game(world);
    note(world, player.user_id);
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    service_hand_out(world, service_recall(world, "event"));
    assert_true(rings(world, &player));
    assert_true(rings(world, &other));
}

// What another event tells meanwhile has nothing to do with this one's night, and waits for its end.
static void news_from_elsewhere_wait_for_the_day(void **state)
{
    struct service_world *world = *state;
    char game[UUID_LEN + 1];
    begin_game(world);
    strcpy(game, service_recall(world, "event"));
    open_event(world, "Elsewhere", "2027-02-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}");
    service_hand_out(world, service_recall(world, "event"));
    struct err err;
    bool night;
    assert_true(nights_now(&world->events, player.user_id, &night, &err) && night);
    assert_true(rings(world, &player)); // it is looked at again
    service_remember(world, "event", game);
    open_phase(world, "DAY");
    assert_true(nights_now(&world->events, player.user_id, &night, &err) && !night);
    assert_true(rings(world, &player));
    assert_false(rings(world, &other));
}

static void no_number_of_later_seats_hides_a_night(void **state)
{
    enum { SEATS = 60 };
    struct service_world *world = *state;
    struct err err;
    bool night;
    begin_game(world);
    for (int i = 0; i < SEATS; i++) {
        open_event(world, "Later", "2027-03-15T20:00:00");
        service_must(world, &player, "events.Reserve", "{" EVENT "}");
    }
    assert_true(nights_now(&world->events, player.user_id, &night, &err));
    assert_true(night);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_was_told_something_in_a_night_is_not_rung_at_dawn, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_ends_an_event_rings_at_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(news_from_elsewhere_wait_for_the_day, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_number_of_later_seats_hides_a_night, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
