// Closed phases that are kept packed equal rebuilt ones, also after the end.
#include "services/events/testing/kept.h"

static void open_phases(struct world *world, int count)
{
    for (int i = 0; i < count; i++)
        assert_true(DO(world, GOD, open_phase, (Events__Phase__Kind)(1 + (i + 1) % 3), 0));
}

static void only_who_sees_what_all_see_gets_them(void **state)
{
    (void)state;
    struct world *world = world_running(3);
    const struct game *game = &world->game;
    struct viewer everyone = view_as_public(game), god = view_as_god(game),
                  player = view_as(game, id_of(USER), false),
                  stranger = view_as(game, id_of(USER + 50), true);
    assert_true(reports_fit(&everyone));
    assert_false(reports_fit(&god));
    assert_false(reports_fit(&player));
    assert_false(reports_fit(&stranger)); // a dev
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    player = view_as(game, id_of(USER), false);
    assert_true(reports_fit(&player));
    world_destroy(world);
}

static void a_report_is_made_once_and_again_at_the_end(void **state)
{
    (void)state;
    struct world *world = world_running(3);
    struct kept_reports kept;
    char side[UUID_LEN + 1];
    const char *winners[] = {strcpy(side, id_of(SIDE_CITIZEN))};
    kept_open(&kept, 2);
    open_phases(world, 5);
    assert_kept(&kept, world);
    const uint8_t *first = kept.reports.all[0].data;
    size_t bytes = kept.reports.bytes;
    assert_true(DO(world, GOD, status, id_of(USER), EVENTS__STATUS__VALUE__DEAD));
    assert_true(DO(world, GOD, score, id_of(USER), 9));
    open_phases(world, 1);
    assert_kept(&kept, world);
    assert_ptr_equal(kept.reports.all[0].data, first);
    assert_true(kept.reports.bytes > bytes);
    bytes = kept.reports.bytes;
    assert_true(DO(world, GOD, finish, world_secrets(world), winners, 1));
    assert_kept(&kept, world);
    assert_true(kept.reports.bytes > bytes); // with roles and scores
    kept_close(&kept);
    world_destroy(world);
}

static void a_page_makes_what_it_needs_and_no_more(void **state)
{
    (void)state;
    struct world *world = world_running(3);
    struct reports reports = {0};
    struct arena arena;
    size_t count;
    arena_init(&arena, 1 << 20);
    open_phases(world, 6);
    struct view_page page = {.first = 3, .most = 2, .most_bytes = SIZE_MAX};
    const ProtobufCBinaryData *kept = reports_page(&reports, &world->game, &page, &count, &arena);
    assert_ptr_equal(kept, &reports.all[2]);
    assert_int_equal(count, 2);
    assert_int_equal(page.next, 5);
    assert_int_equal(reports.bytes, kept[0].len + kept[1].len);
    assert_null(reports.all[0].data);
    assert_null(reports.all[4].data);
    page = (struct view_page){.first = 3, .most = 100, .most_bytes = kept[0].len + 1};
    assert_non_null(reports_page(&reports, &world->game, &page, &count, &arena));
    assert_int_equal(count, 2); // the second passes the bytes
    reports_forget(&reports);
    assert_int_equal(reports.bytes, 0);
    arena_finish(&arena);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_who_sees_what_all_see_gets_them),
        cmocka_unit_test(a_report_is_made_once_and_again_at_the_end),
        cmocka_unit_test(a_page_makes_what_it_needs_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
