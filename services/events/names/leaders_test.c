// Events whose god leads them no more are counted until somebody else does, or they are over.
#include "lib/base/clock.h"
#include "lib/base/metrics.h"
#include "services/events/names/leaders.h"
#include "services/events/testing/table.h"

static struct metrics *metrics;
static struct leaders leaders;

static void begin_watching(void)
{
    metrics = metrics_create();
    assert_non_null(metrics);
    leaders_init(&leaders, metrics);
}

static int64_t shown(void) { return metrics_value(metrics, "conse_events_without_god"); }

static int64_t found(struct service_world *world)
{
    assert_true(leaders_look(&world->events, &leaders, world->now_ms));
    return shown();
}

static void who_is_demoted_leads_no_more(void **state)
{
    struct service_world *world = *state;
    begin_watching();
    open_event(world, "Evening", "2027-01-15T20:00:00");
    assert_int_equal(found(world), 0); // auth has told of nobody yet
    service_teach(world, god.user_id, "god", LEVEL_GOD);
    assert_int_equal(found(world), 0);
    service_teach(world, god.user_id, "god", LEVEL_PLAYER);
    assert_int_equal(found(world), 1);
    service_teach(world, god.user_id, "god", LEVEL_DEV);
    assert_int_equal(found(world), 0);
    metrics_destroy(metrics);
}

static void a_suspension_ends(void **state)
{
    struct service_world *world = *state;
    begin_watching();
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_teach_suspended(world, god.user_id, "god", LEVEL_GOD, world->now_ms + 1);
    assert_int_equal(found(world), 1);
    world->now_ms++;
    assert_int_equal(found(world), 0);
    service_teach_suspended(world, god.user_id, "god", LEVEL_GOD, 0);
    assert_int_equal(found(world), 1);
    metrics_destroy(metrics);
}

static void who_takes_over_leads(void **state)
{
    struct service_world *world = *state;
    begin_watching();
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_teach_deleted(world, god.user_id, "deleted-0123456789abcdef");
    assert_int_equal(found(world), 1);
    service_teach(world, second_god.user_id, "second", LEVEL_GOD);
    service_must(world, &dev, "events.HandOverEvent", "{" EVENT ",'god_id':'$second'}");
    assert_int_equal(found(world), 0);
    metrics_destroy(metrics);
}

static void what_is_over_needs_nobody(void **state)
{
    struct service_world *world = *state;
    begin_watching();
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_teach(world, god.user_id, "god", LEVEL_PLAYER);
    assert_int_equal(found(world), 1);
    service_must(world, &dev, "events.CancelEvent", "{" EVENT "}");
    assert_int_equal(found(world), 0);
    metrics_destroy(metrics);
}

// At once, then once a minute; by one process.
static void one_process_looks_once_a_minute(void **state)
{
    struct service_world *world = *state;
    begin_watching();
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_teach(world, god.user_id, "god", LEVEL_PLAYER);
    clock_hold_mono(5000);
    leaders_tick(&world->events, &leaders, false);
    assert_int_equal(shown(), 1);
    service_teach(world, god.user_id, "god", LEVEL_GOD);
    clock_hold_mono(64999);
    leaders_tick(&world->events, &leaders, false);
    assert_int_equal(shown(), 1);
    clock_hold_mono(65000);
    leaders_tick(&world->events, &leaders, false);
    assert_int_equal(shown(), 0);
    service_teach(world, god.user_id, "god", LEVEL_PLAYER);
    leaders_tick(&world->events, &leaders, true);
    assert_int_equal(shown(), 0);
    leaders_tick(&world->events, &leaders, false); // it took over
    assert_int_equal(shown(), 1);
    clock_hold_mono(-1);
    metrics_destroy(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_is_demoted_leads_no_more),
        TEST(a_suspension_ends),
        TEST(who_takes_over_leads),
        TEST(what_is_over_needs_nobody),
        TEST(one_process_looks_once_a_minute),
    };
    return cmocka_run_group_tests_name("leaders of events", tests, NULL, NULL);
}
