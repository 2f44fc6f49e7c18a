// A user's inbox: what they were told, newest first; how far they have seen it, which only grows and is
// nobody else's; what they want quiet; and that nothing of it outlives the account.
#include "notifications.pb-c.h"
#include "services/events/streams.h"
#include "services/events/testing/follow.h"

#define LIST "events.ListNotifications"
#define SEEN "events.MarkSeen"

typedef const Events__ListNotificationsReply *told_list;

static told_list list_as(struct service_world *world, const struct asker *who, const char *request)
{
    return (told_list)service_must(world, who, LIST, request).reply;
}

static struct cursor_text newest(struct service_world *world, const struct asker *who)
{
    struct cursor_text text;
    snprintf(text.text, sizeof text.text, "%s", list_as(world, who, "{}")->notifications[0]->cursor);
    return text;
}

static const Events__SeenReply *see(struct service_world *world, const struct asker *who, const char *until)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request, "{'until':'%s'}", until);
    return (const void *)service_must(world, who, SEEN, request).reply;
}

static void not_seen(struct service_world *world, const struct asker *who, const char *until,
                     Conse__Reason__Value reason)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request, "{'until':'%s'}", until);
    assert_refuses(world, who, SEEN, request, reason);
}

// They are told that they lost the seat that they had taken.
static void tell_somebody(struct service_world *world, const struct asker *who)
{
    char request[WORLD_REQUEST];
    snprintf(request, sizeof request, "{" EVENT ",'user_id':'%s'}", who->user_id);
    service_must(world, who, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.CancelReservation", request);
    service_hand_out(world, service_recall(world, "event"));
}

static void tell_player(struct service_world *world, unsigned times)
{
    while (times--) tell_somebody(world, &player);
}

static void assert_inbox(struct service_world *world, const struct asker *who, size_t count, int unread,
                         uint64_t seen)
{
    told_list list = list_as(world, who, "{}");
    assert_int_equal(list->n_notifications, count);
    assert_int_equal(list->unread, unread);
    assert_int_equal(list->seen, seen);
}

static void what_was_told_is_listed_newest_first(void **state)
{
    struct service_world *world = *state;
    assert_inbox(world, &player, 0, 0, 0);
    open_event(world, "Evening", "2027-01-15T20:00:00");
    tell_player(world, 3);
    told_list list = list_as(world, &player, "{}");
    assert_int_equal(list->n_notifications, 3);
    assert_false(list->more);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(list->notifications[i]->index, 3 - i);
        assert_string_equal(list->notifications[i]->kind, "SEAT_FREED");
        assert_string_equal(list->notifications[i]->title, "Evening");
        assert_string_equal(list->notifications[i]->event_id, service_recall(world, "event"));
    }
    assert_inbox(world, &other, 0, 0, 0);
}

static void pages_have_no_gap(void **state)
{
    struct service_world *world = *state;
    char request[WORLD_REQUEST];
    open_event(world, "Evening", "2027-01-15T20:00:00");
    tell_player(world, 5);
    for (uint64_t next = 6; next > 1;) {
        snprintf(request, sizeof request, "{'page_size':2,'before':%u}", (unsigned)next);
        told_list list = list_as(world, &player, request);
        assert_int_equal(list->n_notifications, next > 2 ? 2 : 1);
        for (size_t i = 0; i < list->n_notifications; i++)
            assert_int_equal(list->notifications[i]->index, --next);
        assert_int_equal(list->more, next > 1);
    }
    assert_int_equal(list_as(world, &player, "{'before':1}")->n_notifications, 0);
    assert_int_equal(list_as(world, &player, "{'before':99}")->n_notifications, 5);
}

static void what_was_trimmed_is_neither_listed_nor_counted(void **state)
{
    struct service_world *world = *state;
    struct err err;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    tell_player(world, 5);
    assert_true(store_trim_stream(world->events.store, users_stream(player.user_id).text, 4, &err));
    assert_inbox(world, &player, 2, 2, 0);
    assert_false(list_as(world, &player, "{'page_size':2}")->more);
    assert_int_equal(list_as(world, &player, "{'before':3}")->n_notifications, 0);
}

static void what_was_seen_stays_seen(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    tell_player(world, 4);
    struct cursor_text all = newest(world, &player);
    assert_int_equal(see(world, &player, cursor_at(all.text, 2).text)->unread, 2);
    assert_inbox(world, &player, 4, 2, 2);
    assert_int_equal(see(world, &player, cursor_at(all.text, 1).text)->seen, 2); // never back
    assert_inbox(world, &player, 4, 2, 2);
    assert_int_equal(see(world, &player, all.text)->unread, 0);
    events_close(&world->events);
    service_start(world);
    assert_inbox(world, &player, 4, 0, 4);
    tell_player(world, 1);
    assert_inbox(world, &player, 5, 1, 4);
}

static void nobody_sees_for_another(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    tell_player(world, 1);
    tell_somebody(world, &other);
    struct cursor_text all = newest(world, &player);
    not_seen(world, &other, all.text, CONSE__REASON__VALUE__CURSOR_LOST);
    not_seen(world, &player, cursor_at(all.text, 2).text, CONSE__REASON__VALUE__CURSOR_LOST);
    not_seen(world, &player, "x", CONSE__REASON__VALUE__INVALID_FIELD);
    see(world, &player, all.text);
    assert_inbox(world, &other, 1, 1, 0);
}

static void quiet_news_is_listed_and_not_counted(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    tell_player(world, 2);
    const Events__PreferencesReply *set = (const void *)service_must(world, &player, "events.SetPreferences",
                                                                     "{'quiet':['MENTION','SEAT','SEAT']}")
                                              .reply;
    assert_int_equal(set->preferences->n_quiet, 2);
    assert_int_equal(set->preferences->quiet[0], EVENTS__PREFERENCES__ABOUT__SEAT);
    assert_inbox(world, &player, 2, 0, 0);
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'title':'Later'}");
    service_hand_out(world, service_recall(world, "event"));
    assert_inbox(world, &player, 3, 1, 0);
    service_must(world, &player, "events.SetPreferences", "{}");
    assert_inbox(world, &player, 3, 3, 0);
    const Events__PreferencesReply *now =
        (const void *)service_must(world, &player, "events.GetPreferences", "{}").reply;
    assert_int_equal(now->preferences->n_quiet, 0);
    assert_refuses(world, &player, "events.SetPreferences", "{'quiet':['ABOUT_UNSPECIFIED']}",
                   CONSE__REASON__VALUE__MALFORMED);
}

static void unread_is_counted_up_to_a_bound(void **state)
{
    struct service_world *world = *state;
    Game__UserNotice notice = GAME__USER_NOTICE__INIT;
    uint8_t bytes[128];
    struct err err;
    notice.kind = "NOTED";
    ProtobufCBinaryData packed = {game__user_notice__pack(&notice, bytes), bytes};
    for (int i = 0; i < 1100; i++) {
        uint64_t ticket =
            store_append_next(world->events.store, users_stream(player.user_id).text, &packed, 1, NULL);
        if (i % 100 == 99) assert_true(store_wait(world->events.store, ticket, &err));
    }
    assert_inbox(world, &player, 20, 999, 0);
    service_must(world, &player, "events.SetPreferences", "{'quiet':['MENTION']}");
    assert_inbox(world, &player, 20, 999, 0);
    service_must(world, &player, "events.SetPreferences", "{'quiet':['GAME']}");
    assert_inbox(world, &player, 20, 0, 0);
}

static void a_mention_names_its_message(void **state)
{
    struct service_world *world = *state;
    open_dealt(world);
    service_teach(world, other.user_id, "othername", LEVEL_PLAYER);
    const Events__MessageReply *sent =
        (const void *)service_must(
            world, &player, "events.SendMessage",
            "{'room_id':'$event.table','client_id':'client-id-00000001','text':'@othername look'}")
            .reply;
    struct uuid id;
    strcpy(id.text, sent->message->id);
    service_fence(world);
    told_list list = list_as(world, &other, "{}");
    assert_int_equal(list->n_notifications, 1);
    assert_string_equal(list->notifications[0]->kind, "MENTIONED");
    assert_string_equal(list->notifications[0]->message_id, id.text);
    assert_non_null(strstr(list->notifications[0]->room_id, ".table"));
}

static void nothing_outlives_the_account(void **state)
{
    struct service_world *world = *state;
    const struct stream_name stream = users_stream(player.user_id);
    uint64_t head;
    struct err err;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    tell_player(world, 2);
    tell_somebody(world, &other);
    see(world, &player, newest(world, &player).text);
    service_must(world, &player, "events.SetPreferences", "{'quiet':['SEAT']}");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_teach_deleted(world, player.user_id, "gone");
    assert_true(store_head(world->events.store, stream.text, &head, &err));
    assert_int_equal(head, 0);
    assert_inbox(world, &player, 0, 0, 0);
    assert_inbox(world, &other, 1, 1, 0);
    service_must(world, &god, "events.UpdateEvent", "{" EVENT ",'title':'Later'}");
    service_hand_out(world, service_recall(world, "event")); // and those behind them are told
    assert_inbox(world, &player, 0, 0, 0);
    service_teach_deleted(world, player.user_id, "gone"); // again, as after a crash
    const Events__PreferencesReply *now =
        (const void *)service_must(world, &player, "events.GetPreferences", "{}").reply;
    assert_int_equal(now->preferences->n_quiet, 0);
}

// Also one that was never told anything.
static void nobody_is_told_after_their_account_is_gone(void **state)
{
    struct service_world *world = *state;
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_must(world, &player, "events.Reserve", "{" EVENT "}");
    service_teach_deleted(world, player.user_id, "gone");
    service_must(world, &god, "events.CancelEvent", "{" EVENT "}");
    service_hand_out(world, service_recall(world, "event"));
    assert_inbox(world, &player, 0, 0, 0);
}

// Also by a process that does not know whether it was.
static void what_the_queue_offers_is_told_once(void **state)
{
    struct service_world *world = *state;
    static const char tell[] =
        "{" EVENT
        ",'offer_id':'01890000-0000-7000-8000-000000000f01','kind':'%s','user_ids':['$player','$other']}";
    char request[WORLD_REQUEST];
    open_event(world, "Evening", "2027-01-15T20:00:00");
    service_teach_deleted(world, other.user_id, "gone");
    for (int i = 0; i < 2; i++) {
        snprintf(request, sizeof request, tell, "OFFERED");
        service_must(world, &nobody, "events.TellOffer", request);
        snprintf(request, sizeof request, tell, "OFFER_SEATED");
        service_must(world, &nobody, "events.TellOffer", request);
    }
    assert_inbox(world, &player, 2, 2, 0);
    assert_inbox(world, &other, 0, 0, 0);
    told_list list = list_as(world, &player, "{}");
    assert_string_equal(list->notifications[0]->kind, "OFFER_SEATED");
    assert_string_equal(list->notifications[1]->kind, "OFFERED");
    assert_string_equal(list->notifications[1]->title, "Evening");
    assert_string_equal(list->notifications[1]->event_id, service_recall(world, "event"));
    service_must(world, &player, "events.SetPreferences", "{'quiet':['SEAT']}");
    assert_inbox(world, &player, 2, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_told_is_listed_newest_first),
        TEST(pages_have_no_gap),
        TEST(what_was_trimmed_is_neither_listed_nor_counted),
        TEST(what_was_seen_stays_seen),
        TEST(nobody_sees_for_another),
        TEST(quiet_news_is_listed_and_not_counted),
        TEST(unread_is_counted_up_to_a_bound),
        TEST(a_mention_names_its_message),
        TEST(what_the_queue_offers_is_told_once),
        TEST(nothing_outlives_the_account),
        TEST(nobody_is_told_after_their_account_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
