// Following what a user is told: each entry once, from where each viewer is.
#include "services/events/testing/follow.h"

typedef const Events__FollowReply *me_reply;

static me_reply follow_me(struct service_world *world, const struct asker *who, const char *after,
                          const char *more)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request, "{'user_id':'%s','viewers':[{'after':'%s'}]%s}", who->user_id, after,
             more);
    return (const void *)service_must(world, &nobody, "events.FollowMe", request).reply;
}

static struct cursor_text me_now(struct service_world *world, const struct asker *who)
{
    me_reply reply = follow_me(world, who, "", "");
    assert_int_equal(reply->views[0]->snapshot, 1);
    assert_int_equal(reply->snapshots[0]->me->count, reply->seq);
    return cursor_after(reply->views[0]);
}

// The player is told when they are put off their seat.
static void tell_player(struct service_world *world)
{
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.CancelReservation", "{" EVENT ",'user_id':'$player'}");
    service_hand_out(world, service_recall(world, "event"));
}

static void who_follows_is_told_each_once(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    struct cursor_text at = me_now(world, &player);
    for (int i = 1; i <= 3; i++) {
        tell_player(world);
        me_reply reply = follow_me(world, &player, at.text, "");
        assert_int_equal(reply->views[0]->place->reset, EVENTS__RESET__REASON__NONE);
        assert_int_equal(reply->views[0]->n_body, 1);
        assert_int_equal(reply->views[0]->from, i);
        assert_string_equal(reply->bodies[0]->me->kind, "SEAT_FREED");
        assert_string_equal(reply->bodies[0]->me->event_id, service_recall(world, "event"));
        assert_string_equal(reply->bodies[0]->me->title, "Evening");
        assert_true(reply->bodies[0]->me->payload.len > 0);
        at = cursor_after(reply->views[0]);
        assert_int_equal(follow_me(world, &player, at.text, "")->views[0]->n_body, 0);
    }
    me_reply all = follow_me(world, &player, cursor_at(at.text, 0).text, "");
    assert_int_equal(all->views[0]->n_body, 3);
    assert_false(all->views[0]->more);
    me_reply some = follow_me(world, &player, cursor_at(at.text, 0).text, ",'limit':2");
    assert_int_equal(some->views[0]->n_body, 2);
    assert_true(some->views[0]->more);
    assert_string_equal(cursor_after(some->views[0]).text, cursor_at(at.text, 2).text);
}

static void viewers_share_what_they_miss(void **state)
{
    struct service_world *world = *state;
    char request[WORLD_REQUEST];
    open_event(world, "Evening", "2027-01-15T20:00:00");
    struct cursor_text at = me_now(world, &player);
    for (int i = 0; i < 3; i++) tell_player(world);
    snprintf(request, sizeof request,
             "{'user_id':'%s','viewers':[{'after':'%s'},{'after':'%s'},{},{'after':'%s'}]}", player.user_id,
             cursor_at(at.text, 2).text, cursor_at(at.text, 1).text, cursor_at(at.text, 3).text);
    me_reply reply = (const void *)service_must(world, &nobody, "events.FollowMe", request).reply;
    assert_int_equal(reply->n_bodies, 2);
    static const size_t counts[] = {1, 2, 0, 0};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(reply->views[i]->n_body, counts[i]);
        assert_int_equal(reply->views[i]->place->offset, 3);
        assert_int_equal(reply->views[i]->snapshot, i == 2);
    }
    assert_int_equal(reply->views[0]->from, 3);
    assert_int_equal(reply->views[0]->body[0], 1);
}

static void nobody_goes_on_in_anothers_place(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    struct cursor_text at = me_now(world, &player);
    tell_player(world);
    assert_string_not_equal(at.text, me_now(world, &other).text);
    const char *const lost[] = {at.text, "x", cursor_at(at.text, 9).text};
    const struct asker *const who[] = {&other, &player, &player};
    for (size_t i = 0; i < 3; i++) {
        me_reply reply = follow_me(world, who[i], lost[i], "");
        assert_int_equal(reply->views[0]->place->reset, EVENTS__RESET__REASON__EPOCH);
        assert_int_equal(reply->views[0]->snapshot, 1);
        assert_int_equal(reply->views[0]->n_body, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_follows_is_told_each_once),
        TEST(viewers_share_what_they_miss),
        TEST(nobody_goes_on_in_anothers_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
