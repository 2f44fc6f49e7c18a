// Following what a user is told: each entry once, from where each viewer is.
#include "services/events/streams.h"
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

// As many, of so many bytes each.
static void tell_much(struct service_world *world, size_t count, size_t bytes)
{
    Game__UserNotice notice = GAME__USER_NOTICE__INIT;
    struct err err;
    uint64_t ticket = 0;
    notice.kind = "NOTED";
    notice.entry = (ProtobufCBinaryData){bytes, calloc(1, bytes)};
    ProtobufCBinaryData packed = {.data = malloc(bytes + 64)};
    packed.len = game__user_notice__pack(&notice, packed.data);
    for (size_t i = 0; i < count; i++) {
        ticket = store_append_next(world->events.store, users_stream(player.user_id).text, &packed, 1, NULL);
        if (i % 100 == 99) assert_true(store_wait(world->events.store, ticket, &err));
    }
    assert_true(store_wait(world->events.store, ticket, &err));
    free(packed.data);
    free(notice.entry.data);
}

static uint64_t offset_of(struct cursor_text at)
{
    struct cursor cursor;
    assert_true(cursor_parse(at.text, &cursor));
    return cursor.offset;
}

// As a gateway does it, page after page. How many entries came.
static size_t catch_up(struct service_world *world, struct cursor_text at)
{
    size_t count = 0;
    for (bool more = true; more;) {
        me_reply reply = follow_me(world, &player, at.text, "");
        assert_int_equal(reply->views[0]->place->reset, EVENTS__RESET__REASON__NONE);
        assert_int_equal(reply->views[0]->from, offset_of(at) + 1);
        count += reply->views[0]->n_body;
        more = reply->views[0]->more;
        at = cursor_after(reply->views[0]);
    }
    return count;
}

static void assert_too_far(me_reply reply, size_t view)
{
    assert_int_equal(reply->views[view]->place->reset, EVENTS__RESET__REASON__TOO_FAR);
    assert_int_equal(reply->views[view]->place->offset, reply->seq);
    assert_int_equal(reply->views[view]->snapshot, 1);
    assert_int_equal(reply->views[view]->n_body, 0);
    assert_false(reply->views[view]->more);
    assert_int_equal(reply->snapshots[0]->me->count, reply->seq);
}

static void more_than_a_megabyte_is_too_far(void **state)
{
    struct service_world *world = *state;
    struct cursor_text at = me_now(world, &player);
    tell_much(world, 255, 4096);
    assert_int_equal(catch_up(world, at), 255);
    tell_much(world, 1, 4096);
    assert_too_far(follow_me(world, &player, at.text, ""), 0);
    assert_int_equal(catch_up(world, cursor_at(at.text, 1)), 255);
}

static void who_is_nearer_goes_on_beside_one_too_far(void **state)
{
    struct service_world *world = *state;
    char request[WORLD_REQUEST];
    struct cursor_text at = me_now(world, &player);
    tell_much(world, 300, 4096);
    snprintf(request, sizeof request,
             "{'user_id':'%s','viewers':[{'after':'%s'},{'after':'%s'},{'after':'%s'},{}]}", player.user_id,
             at.text, cursor_at(at.text, 5).text, cursor_at(at.text, 200).text);
    me_reply reply = (const void *)service_must(world, &nobody, "events.FollowMe", request).reply;
    assert_too_far(reply, 0);
    assert_too_far(reply, 1);
    assert_int_equal(reply->views[2]->place->reset, EVENTS__RESET__REASON__NONE);
    assert_int_equal(reply->views[2]->n_body, 0); // and is asked for again
    assert_true(reply->views[2]->more);
    assert_int_equal(reply->views[3]->place->reset, EVENTS__RESET__REASON__NONE);
    assert_int_equal(reply->n_snapshots, 1);
    assert_int_equal(catch_up(world, cursor_at(at.text, 200)), 100);
}

static void more_than_a_thousand_are_too_far(void **state)
{
    struct service_world *world = *state;
    struct cursor_text at = me_now(world, &player);
    tell_much(world, 1001, 8);
    assert_too_far(follow_me(world, &player, at.text, ""), 0);
    assert_int_equal(catch_up(world, cursor_at(at.text, 1)), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_follows_is_told_each_once),
        TEST(viewers_share_what_they_miss),
        TEST(nobody_goes_on_in_anothers_place),
        TEST(more_than_a_megabyte_is_too_far),
        TEST(who_is_nearer_goes_on_beside_one_too_far),
        TEST(more_than_a_thousand_are_too_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
