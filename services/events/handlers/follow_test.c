// Following an event: what each viewer gets, and where they go on.
#include "services/events/testing/follow.h"

static void who_comes_gets_a_snapshot(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    follow_reply reply = follow(world, &nobody, "");
    assert_begins_anew(reply, EVENTS__RESET__REASON__NONE);
    assert_string_equal(reply->snapshots[0]->title, "Evening");
    assert_int_equal(reply->views[0]->place->offset, 1);
    assert_int_equal(reply->seq, 1);
}

static void who_follows_gets_each_entry_once(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    struct cursor_text at = cursor_now(world, &nobody);
    assert_goes_on(follow(world, &nobody, at.text), 0);
    service_must(world, &player, "events.Reserve", "{" EVENT "," NONCE "}"); // the nonce is their own
    service_must(world, &other, "events.Reserve", "{" EVENT "}");
    follow_reply reply = follow(world, &nobody, at.text);
    assert_goes_on(reply, 2);
    assert_int_equal(reply->views[0]->from, 2);
    assert_string_equal(body_of(reply, 0, 0)->kind, "RESERVED");
    assert_int_equal(body_of(reply, 0, 0)->index, 0);
    assert_int_equal(body_of(reply, 0, 0)->seq, 0);
    at = cursor_after(reply->views[0]);
    assert_goes_on(follow(world, &nobody, at.text), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_comes_gets_a_snapshot),
        TEST(who_follows_gets_each_entry_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
