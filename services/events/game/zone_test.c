// Wall time to instants, with the gaps and repetitions of summer time, and the calendar file.
#include "services/events/testing/game.h"
#include "services/events/game/zone.h"
#include "services/events/game/zone_names.h"

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

static void zones_have_the_names_of_the_database(void **state)
{
    static const char *const known[] = {"UTC",
                                        "Etc/UTC",
                                        "Asia/Tehran",
                                        "Iran",
                                        "Europe/Berlin",
                                        "Etc/GMT+5",
                                        "America/Argentina/Buenos_Aires",
                                        "America/Port-au-Prince",
                                        "GMT"};
    static const char *const unknown[] = {"",
                                          "localtime",
                                          "Factory",
                                          "right/UTC",
                                          "posix/UTC",
                                          "right/Asia/Tehran",
                                          "posixrules",
                                          "asia/tehran",
                                          "Asia",
                                          "Asia/",
                                          "/etc/localtime",
                                          "tzdata.zi",
                                          "leapseconds",
                                          "../zoneinfo/UTC",
                                          "Asia/Tehran ",
                                          "-"};
    int64_t ms;
    struct err err;
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!zone_to_utc("2026-10-25T02:30:00", known[i], &ms, &err)) fail_msg("%s is refused", known[i]);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        if (zone_to_utc("2026-10-25T02:30:00", unknown[i], &ms, &err)) fail_msg("%s is taken", unknown[i]);
}

static void names_are_read_from_any_text(void **state)
{
    char text[] =
        "# version 2026a\nR q 1943 o - Mar 29 2 1 S\nZ Asia/Tehran 3:25:44 - LMT 1916\n3:25:44 - TMT\n"
        "L Asia/Tehran Iran\nL alone\nZ\n\nZ Factory 0 - -00\nL";
    FILE *file = fmemopen(text, sizeof text - 1, "r");
    struct zone_names *names = zone_names_read(file);
    (void)state;
    assert_true(zone_names_find(names, "Asia/Tehran") && zone_names_find(names, "Iran"));
    assert_true(zone_names_find(names, "UTC"));
    assert_false(zone_names_find(names, "Factory") || zone_names_find(names, "alone") ||
                 zone_names_find(names, "q"));
    zone_names_destroy(names);
    fclose(file);
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
        cmocka_unit_test(zones_have_the_names_of_the_database),
        cmocka_unit_test(names_are_read_from_any_text),
        cmocka_unit_test(an_unknown_zone_is_refused),
        cmocka_unit_test(the_calendar_escapes_and_folds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
