// One user's bell: a browser is told once of all that is new, of nothing that was seen or is not wanted,
// never in the night, and again when its push service fails.
#include <sodium.h>

#include "notifications.pb-c.h"
#include "services/events/push/browsers.h"
#include "services/events/push/sealing.h"
#include "services/events/streams.h"
#include "services/events/tables.h"
#include "services/events/testing/receiver.h"
#include "services/events/testing/table.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

static void tell(struct service_world *world, const char *kind)
{
    Game__UserNotice notice = GAME__USER_NOTICE__INIT;
    uint8_t packed[256];
    struct err err = {0};
    notice.event_id = id_of(4711);
    notice.kind = kind;
    notice.time_ms = world->now_ms;
    const ProtobufCBinaryData entry = {game__user_notice__get_packed_size(&notice), packed};
    assert_true(entry.len <= sizeof packed);
    game__user_notice__pack(&notice, packed);
    uint64_t ticket =
        store_append_next(world->events.store, users_stream(player.user_id).text, &entry, 1, NULL);
    if (!store_wait(world->events.store, ticket, &err)) fail_msg("%s", err.message);
}

static uint64_t head_of(struct service_world *world)
{
    uint64_t head;
    struct err err;
    assert_true(store_head(world->events.store, users_stream(player.user_id).text, &head, &err));
    return head;
}

// As a browser asks for it at its push service.
static void add_browser(struct service_world *world, const struct receiver *receiver)
{
    char request[WORLD_REQUEST], point[96], auth[32];
    struct sealing_to to = {.auth = {1, 2, 3}};
    EVP_PKEY *key = p256_draw();
    assert_true(p256_point(key, to.point));
    EVP_PKEY_free(key);
    sodium_bin2base64(point, sizeof point, to.point, sizeof to.point,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_bin2base64(auth, sizeof auth, to.auth, sizeof to.auth, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(request, sizeof request,
             "{'endpoint':'http://127.0.0.1:%u/browser','keys':{'p256dh':'%s','auth':'%s'}}", receiver->port,
             point, auth);
    service_must(world, &player, "events.AddBrowser", request);
}

static const Push__BrowserRow *the_browser(struct service_world *world)
{
    struct browser_rows found;
    struct err err = {0};
    if (!browsers_of(&world->events, player.user_id, &world->arena, &found, &err))
        fail_msg("%s", err.message);
    assert_true(found.count <= 1);
    return found.count ? found.rows[0] : NULL;
}

// Returns when it wants to be called again.
static int64_t ring_at(struct service_world *world, int64_t now_ms)
{
    struct arena arena;
    struct err err = {0};
    int64_t again_ms;
    const struct outside outside = {.loopback = true};
    arena_init(&arena, 8 << 20);
    struct bell bell = {.events = &world->events, .outside = &outside, .arena = &arena};
    if (!bell_ring(&bell, player.user_id, now_ms, &again_ms, &err)) fail_msg("%s", err.message);
    arena_finish(&arena);
    return again_ms;
}

static void a_browser_is_told_once_of_all_that_is_new(void **state)
{
    static const int statuses[] = {201, 201};
    struct service_world *world = *state;
    struct receiver receiver;
    receiver_start(&receiver, statuses, 2);
    tell(world, "NOTED"); // before it was there
    add_browser(world, &receiver);
    assert_int_equal(ring_at(world, world->now_ms), INT64_MAX);
    assert_int_equal(receiver.at, 0);
    for (int i = 0; i < 3; i++) tell(world, "NOTED");
    assert_int_equal(ring_at(world, world->now_ms), INT64_MAX);
    assert_int_equal(ring_at(world, world->now_ms), INT64_MAX);
    assert_int_equal(receiver.at, 1);
    assert_int_equal(the_browser(world)->seq, 4);
    tell(world, "NOTED");
    ring_at(world, world->now_ms);
    receiver_stop(&receiver);
    assert_int_equal(receiver.at, 2);
    assert_int_equal(the_browser(world)->seq, head_of(world));
}

static void what_is_pushed_is_sealed_and_says_who_pushes(void **state)
{
    static const int statuses[] = {201};
    struct service_world *world = *state;
    struct receiver receiver;
    receiver_start(&receiver, statuses, 1);
    add_browser(world, &receiver);
    tell(world, "NOTED");
    ring_at(world, world->now_ms);
    receiver_stop(&receiver);
    static const char *const heads[] = {
        "POST /browser HTTP/1.1", "\r\nAuthorization: vapid t=", "\r\nContent-Encoding: aes128gcm\r\n",
        "\r\nTTL: 86400\r\n",     "\r\nTopic: news\r\n",         "\r\nUrgency: normal\r\n"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        assert_non_null(strstr(receiver.last, heads[i]));
    assert_int_equal(receiver.body, SEALED); // however much it is
    assert_null(strstr(receiver.last, "NOTED"));
    assert_null(strstr(receiver.last, player.user_id));
}

static void who_has_no_browser_is_not_told(void **state)
{
    struct service_world *world = *state;
    tell(world, "NOTED");
    assert_int_equal(ring_at(world, world->now_ms), INT64_MAX);
}

static void what_was_seen_is_not_told(void **state)
{
    static const int statuses[] = {201};
    struct service_world *world = *state;
    struct receiver receiver;
    char request[128];
    receiver_start(&receiver, statuses, 1);
    add_browser(world, &receiver);
    tell(world, "NOTED");
    const Events__ListNotificationsReply *list =
        (const void *)service_must(world, &player, "events.ListNotifications", "{}").reply;
    snprintf(request, sizeof request, "{'until':'%s'}", list->notifications[0]->cursor);
    service_must(world, &player, "events.MarkSeen", request);
    assert_int_equal(ring_at(world, world->now_ms), INT64_MAX);
    assert_int_equal(receiver.at, 0);
    tell(world, "NOTED");
    ring_at(world, world->now_ms);
    assert_int_equal(receiver.at, 1);
    receiver_stop(&receiver);
}

static void what_is_not_wanted_is_not_told(void **state)
{
    static const int statuses[] = {201};
    struct service_world *world = *state;
    struct receiver receiver;
    receiver_start(&receiver, statuses, 1);
    add_browser(world, &receiver);
    service_must(world, &player, "events.SetPreferences", "{'quiet':['SEAT'],'no_push':['MENTION']}");
    tell(world, "RESERVED");
    tell(world, "MENTIONED");
    assert_int_equal(ring_at(world, world->now_ms), INT64_MAX);
    assert_int_equal(receiver.at, 0);
    tell(world, "REMINDED");
    tell(world, "RESERVED"); // behind it
    ring_at(world, world->now_ms);
    assert_int_equal(receiver.at, 1);
    receiver_stop(&receiver);
}

static void a_push_service_that_fails_is_asked_later(void **state)
{
    static const int statuses[] = {500, 429, 201};
    struct service_world *world = *state;
    struct receiver receiver;
    int64_t now_ms = world->now_ms, again_ms;
    receiver_start(&receiver, statuses, 3);
    add_browser(world, &receiver);
    tell(world, "NOTED");
    for (int tries = 1; tries <= 2; tries++, now_ms = again_ms) {
        again_ms = ring_at(world, now_ms);
        assert_true(again_ms >= now_ms + 60000); // as it asks
        assert_int_equal(ring_at(world, now_ms + 1000), again_ms);
        assert_int_equal(receiver.at, tries);
        assert_int_equal(the_browser(world)->failures, tries);
    }
    assert_int_equal(ring_at(world, now_ms), INT64_MAX);
    assert_int_equal(the_browser(world)->failures, 0);
    assert_int_equal(the_browser(world)->seq, 1);
    receiver_stop(&receiver);
}

// It says so, or fails for a day.
static void a_browser_that_is_gone_is_forgotten(void **state)
{
    static const int statuses[] = {404, 410, 500, 500};
    struct service_world *world = *state;
    struct receiver receiver;
    receiver_start(&receiver, statuses, 4);
    for (int i = 0; i < 2; i++) {
        add_browser(world, &receiver);
        tell(world, "NOTED");
        assert_int_equal(ring_at(world, world->now_ms), INT64_MAX);
        assert_null(the_browser(world));
    }
    add_browser(world, &receiver);
    tell(world, "NOTED");
    ring_at(world, world->now_ms);
    assert_non_null(the_browser(world));
    ring_at(world, world->now_ms + DAY_MS);
    assert_null(the_browser(world));
    assert_int_equal(receiver.at, 4);
    receiver_stop(&receiver);
}

static void nothing_lights_up_in_the_night(void **state)
{
    static const int statuses[] = {201};
    struct service_world *world = *state;
    struct receiver receiver;
    receiver_start(&receiver, statuses, 1);
    open_dealt(world);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'NIGHT'}");
    service_fence(world);
    add_browser(world, &receiver);
    tell(world, "NOTED");
    int64_t again_ms = ring_at(world, world->now_ms);
    assert_true(again_ms > world->now_ms && again_ms <= world->now_ms + 1000);
    assert_int_equal(receiver.at, 0);
    service_must(world, &god, "events.OpenPhase", "{" EVENT ",'kind':'DAY'}");
    ring_at(world, again_ms);
    assert_int_equal(receiver.at, 1);
    receiver_stop(&receiver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_browser_is_told_once_of_all_that_is_new),
        TEST(what_is_pushed_is_sealed_and_says_who_pushes),
        TEST(who_has_no_browser_is_not_told),
        TEST(what_was_seen_is_not_told),
        TEST(what_is_not_wanted_is_not_told),
        TEST(a_push_service_that_fails_is_asked_later),
        TEST(a_browser_that_is_gone_is_forgotten),
        TEST(nothing_lights_up_in_the_night),
    };
    return cmocka_run_group_tests_name("bell", tests, NULL, NULL);
}
