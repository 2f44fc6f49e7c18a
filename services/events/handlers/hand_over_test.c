// To whom an event goes, by what auth has told of them.
#include "services/events/testing/table.h"

#define TO(id) "{" EVENT ",'god_id':'" id "'}"

static void a_god_takes_over(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_teach(world, second_god.user_id, "second", LEVEL_PLAYER);
    assert_refuses(world, &god, "events.HandOverEvent", TO("$second"), CONSE__REASON__VALUE__NOT_A_GOD);
    service_teach(world, second_god.user_id, "second", LEVEL_GOD);
    service_must(world, &god, "events.HandOverEvent", TO("$second"));
}

static void who_was_not_heard_of_may_be_one(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    assert_refuses(world, &god, "events.HandOverEvent", TO("$player"), CONSE__REASON__VALUE__SERVICE_BUSY);
    struct answer answer = service_ask(world, &god, "events.HandOverEvent", TO("$player"));
    assert_int_equal(answer.err.retry_after_s, 1);
}

static void who_is_suspended_takes_nothing_over(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_teach_suspended(world, second_god.user_id, "second", LEVEL_GOD, world->now_ms + 1);
    assert_refuses(world, &god, "events.HandOverEvent", TO("$second"), CONSE__REASON__VALUE__NOT_A_GOD);
    service_teach_suspended(world, second_god.user_id, "second", LEVEL_GOD, 0);
    assert_refuses(world, &god, "events.HandOverEvent", TO("$second"), CONSE__REASON__VALUE__NOT_A_GOD);
    service_teach_suspended(world, second_god.user_id, "second", LEVEL_GOD, world->now_ms);
    service_must(world, &god, "events.HandOverEvent", TO("$second"));
}

static void a_deleted_account_takes_nothing_over(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_teach_deleted(world, second_god.user_id, "deleted-0123456789abcdef");
    assert_refuses(world, &god, "events.HandOverEvent", TO("$second"), CONSE__REASON__VALUE__NOT_A_GOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_god_takes_over),
        TEST(who_was_not_heard_of_may_be_one),
        TEST(who_is_suspended_takes_nothing_over),
        TEST(a_deleted_account_takes_nothing_over),
    };
    return cmocka_run_group_tests_name("the hand-over", tests, NULL, NULL);
}
