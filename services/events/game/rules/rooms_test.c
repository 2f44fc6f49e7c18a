// The pace of rooms, mutes and reports: what makes an entry, what is refused, and who sees it.
#include "services/events/testing/game.h"

#define TABLE "table"

static bool mute(struct world *world, unsigned user, int64_t until_ms)
{
    char user_id[UUID_LEN + 1];
    const struct muting muting = {TABLE, strcpy(user_id, id_of(user)), "shouts", until_ms};
    return DO(world, GOD, mute, &muting);
}

static void the_pace_of_a_room_is_set_and_ended(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    size_t before = world->kept_count;
    assert_true(DO(world, GOD, slow, TABLE, 0));
    assert_int_equal(world->kept_count, before);
    assert_true(DO(world, GOD, slow, TABLE, 30));
    assert_int_equal(game_slow_s(&world->game, TABLE), 30);
    assert_int_equal(game_slow_s(&world->game, "dead"), 0);
    assert_int_equal(world->kept[world->kept_count - 1].audience.kind, AUDIENCE_GOD);
    assert_true(DO(world, GOD, slow, TABLE, 30));
    assert_int_equal(world->kept_count, before + 1);
    assert_true(DO(world, GOD, slow, TABLE, 0));
    assert_int_equal(game_slow_s(&world->game, TABLE), 0);
    assert_replays(world);
    world_destroy(world);
}

static void a_mute_is_of_one_person_in_one_room(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    int first = game_person(&world->game, id_of(USER)), second = game_person(&world->game, id_of(USER + 1));
    assert_true(mute(world, USER, world->now_ms + MINUTE));
    assert_int_equal(game_mute(&world->game, TABLE, first)->until_ms, world->now_ms + MINUTE);
    assert_null(game_mute(&world->game, TABLE, second));
    assert_null(game_mute(&world->game, "dead", first));
    assert_int_equal(world->kept[world->kept_count - 1].audience.kind, AUDIENCE_GOD);
    assert_true(mute(world, USER, world->now_ms));
    assert_int_equal(game_mute(&world->game, TABLE, first)->until_ms, 0);
    assert_false(mute(world, USER + 50, world->now_ms + MINUTE));
    assert_refused(world, NOT_A_PLAYER);
    assert_replays(world);
    world_destroy(world);
}

// Nobody reads in the log who reported whom, and no act of the god is counted.
static void a_message_is_reported_once_by_each(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    uint64_t act = world->game.act;
    size_t before = world->kept_count, at = 0;
    assert_true(DO(world, USER, report_message, TABLE, id_of(7), "rude"));
    assert_true(DO(world, USER, report_message, TABLE, id_of(7), "very rude"));
    assert_true(DO(world, USER + 1, report_message, TABLE, id_of(7), "rude"));
    assert_int_equal(world->kept_count, before + 2);
    assert_int_equal(world->kept[before].audience.kind, AUDIENCE_SEALED);
    assert_int_equal(world->game.act, act);
    assert_string_equal(game_report(&world->game, TABLE, id_of(7), &at)->reason, "rude");
    assert_non_null(game_report(&world->game, TABLE, id_of(7), &at));
    assert_null(game_report(&world->game, TABLE, id_of(7), &at));
    assert_replays(world);
    world_destroy(world);
}

static void one_person_reports_so_much(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    for (unsigned i = 0; i < GAME_MAX_REPORTS_EACH; i++)
        assert_true(DO(world, USER, report_message, TABLE, id_of(1000 + i), ""));
    assert_false(DO(world, USER, report_message, TABLE, id_of(7), ""));
    assert_refused(world, LIMIT_REACHED);
    assert_true(DO(world, USER + 1, report_message, TABLE, id_of(7), ""));
    world_destroy(world);
}

static void the_end_is_known_by_its_time(void **state)
{
    (void)state;
    struct world *world = world_running(4);
    world->now_ms += HOUR;
    int64_t end_ms = world->now_ms;
    assert_int_equal(world->game.ended_ms, 0);
    assert_true(DO(world, GOD, cancel, world_secrets(world)));
    world->now_ms += HOUR;
    assert_true(DO(world, USER, report_message, TABLE, id_of(7), ""));
    assert_int_equal(world->game.ended_ms, end_ms);
    assert_replays(world);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pace_of_a_room_is_set_and_ended),
        cmocka_unit_test(a_mute_is_of_one_person_in_one_room),
        cmocka_unit_test(a_message_is_reported_once_by_each),
        cmocka_unit_test(one_person_reports_so_much),
        cmocka_unit_test(the_end_is_known_by_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
