// Wall time to instants, with the gaps and repetitions of summer time, and the calendar file.
#include "services/events/testing/game.h"
#include "services/events/game/zone.h"

static int64_t instant(const char *local, const char *zone)
{
    int64_t ms = -1;
    struct err err;
    assert_true(zone_to_utc(local, zone, &ms, &err));
    return ms / 1000;
}

static void plain_times(void **state)
{
    (void)state;
    assert_int_equal(instant("2026-12-01T20:30:00", "UTC"), 1796157000);
    assert_int_equal(instant("2026-12-01T20:30:00", "Asia/Tehran"), 1796157000 - 12600);
    assert_int_equal(instant("2026-12-01T20:30:00", "Europe/Berlin"), 1796157000 - 3600);
    assert_int_equal(instant("2026-07-01T20:30:00", "Europe/Berlin"), instant("2026-07-01T18:30:00", "UTC"));
    assert_int_equal(instant("2026-07-01T20:30:00", "America/New_York"),
                     instant("2026-07-02T00:30:00", "UTC"));
}

static void a_skipped_time_is_after_the_gap(void **state)
{
    (void)state;
    assert_int_equal(instant("2027-03-28T02:30:00", "Europe/Berlin"),
                     instant("2027-03-28T01:30:00", "UTC")); // shown as 03:30
    assert_int_equal(instant("2027-03-28T01:59:59", "Europe/Berlin"), instant("2027-03-28T00:59:59", "UTC"));
    assert_int_equal(instant("2027-03-28T03:00:00", "Europe/Berlin"), instant("2027-03-28T01:00:00", "UTC"));
}

static void a_repeated_time_is_the_first(void **state)
{
    (void)state;
    assert_int_equal(instant("2026-10-25T02:30:00", "Europe/Berlin"), instant("2026-10-25T00:30:00", "UTC"));
    assert_int_equal(instant("2026-10-25T03:00:00", "Europe/Berlin"), instant("2026-10-25T02:00:00", "UTC"));
}

static void an_unknown_zone_is_refused(void **state)
{
    (void)state;
    int64_t ms;
    struct err err;
    assert_false(zone_to_utc("2026-10-25T02:30:00", "Europe/Atlantis", &ms, &err));
    assert_string_equal(err.field, "starts_at.zone");
}

static void the_calendar_escapes_and_folds(void **state)
{
    (void)state;
    struct world *world = world_create();
    Game__Terms terms = world_terms(3);
    terms.title = "Tea, cards; and\nmore";
    terms.zone = "Europe/Berlin";
    terms.content = "A line that is so long that it has to be folded because a content line has at most "
                    "seventy-five octets.";
    world_open(world, (struct world_deck){2, 2}, &terms);
    const char *text = calendar_write(&world->game, "-//Test//EN", &world->arena);
    assert_non_null(strstr(text, "SUMMARY:Tea\\, cards\\; and\\nmore\r\n"));
    assert_non_null(strstr(text, "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"));
    assert_non_null(strstr(text, "UID:01890000-0000-7000-8000-000000009999@conse\r\n"));
    for (const char *line = text, *end; (end = strstr(line, "\r\n")); line = end + 2)
        assert_true(end - line <= 75);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_times),
        cmocka_unit_test(a_skipped_time_is_after_the_gap),
        cmocka_unit_test(a_repeated_time_is_the_first),
        cmocka_unit_test(an_unknown_zone_is_refused),
        cmocka_unit_test(the_calendar_escapes_and_folds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
