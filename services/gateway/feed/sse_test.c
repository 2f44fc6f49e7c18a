// Viewers by server-sent events on a real server, without services: what is told comes from the test.
#include "services/gateway/feed/sse.h"

#include <sodium.h>

#include "events.pb-c.h"
#include "lib/json/json.h"
#include "services/gateway/feed/channel.h"
#include "services/gateway/feed/quota.h"
#include "services/gateway/http/testing/house.h"
#include "services/gateway/stream/topics.h"

#define ID "01a204b8-c493-744e-8dfd-817a593ee201"
#define EVENT "event:" ID
#define ROOM "room:" ID ".table"
#define SECRET "abcdefghijklmnopqrstuvwxyz"

static struct house house;
static struct {
    struct access *access;
    struct asks *asks;
    struct topics *topics;
    struct hub *hub;
    struct feed_quota *quota;
    struct metrics *metrics;
    struct feed *feed;
    struct err refused;
    const char *topics_asked[2];
    size_t count;
    struct ids ids;
    char text[1 << 20]; // what the client has read
} world;

static void answer(struct house *of, struct http_exchange *exchange)
{
    const struct caller caller = {.known = true,
                                  .address = "192.0.2.1",
                                  .household = "192.0.2.1",
                                  .claims = {.user_id = ID, .level = 3, .expires_s = INT32_MAX}};
    const struct sse_request request = {
        .line = {.feed = world.feed, .loop = of->loop, .http = exchange, .caller = &caller},
        .topics = world.topics_asked,
        .count = world.count,
        .ids = &world.ids};
    world.refused = (struct err){0};
    if (!sse_open(&request, &world.refused)) http_answer(exchange, &(struct http_answer){.status = 400});
}

// A user may have one stream.
static void open_feed(void)
{
    static const struct feed_limits most = {100, 1, 100, 100};
    const struct asks_service services[] = {{"events", "inproc://nobody"}};
    struct err err;
    world.metrics = metrics_create();
    asks_create(&world.asks, house.loop, world.access);
    if (!asks_connect(world.asks, services, 1, NULL, &err) ||
        !feed_quota_create(&world.quota, &most, NULL, &err))
        fail_msg("%s", err.message);
    const struct feed_options options = {.loop = house.loop,
                                         .hub = world.hub,
                                         .asks = world.asks,
                                         .access = world.access,
                                         .quota = world.quota,
                                         .pace = {256 << 10, 1024, 5000},
                                         .metrics = world.metrics};
    if (!feed_create(&world.feed, &options, &err)) fail_msg("%s", err.message);
}

static int set_up(void **state)
{
    struct http_options options = house_options();
    struct err err;
    (void)state;
    memset(&world, 0, sizeof world);
    house_open(&house, &options);
    house.complete = answer;
    if (sodium_init() < 0 || !access_create(&world.access, &err) || !topics_create(&world.topics, &err) ||
        !hub_create(&world.hub, world.topics, house.loop, 0, &err))
        fail_msg("%s", err.message);
    open_feed();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    feed_end_all(world.feed);
    asks_disconnect(world.asks);
    http_server_stop(house.server);
    house.server = NULL;
    feed_destroy(world.feed);
    hub_destroy(world.hub);
    asks_destroy(world.asks);
    topics_destroy(world.topics);
    access_destroy(world.access);
    feed_quota_destroy(world.quota);
    metrics_destroy(world.metrics);
    house_close(&house);
    return 0;
}

static void go_on(void)
{
    loop_turn(house.loop);
    asks_turn(world.asks);
    feed_turn(world.feed);
    asks_flush(world.asks);
}

#define UNTIL(truth)                                                                                         \
    do {                                                                                                     \
        int64_t until_ms_ = clock_mono_ms() + HOUSE_PATIENCE_MS;                                             \
        while (!(truth) && clock_mono_ms() < until_ms_) go_on();                                             \
        assert_true(truth);                                                                                  \
    } while (0)

// ---- What is told

static struct feed_viewer *the_viewer(void)
{
    struct feed_viewer *viewer = NULL;
    for (size_t slot = 0; slot < FEED_SLOTS && !viewer; slot++) viewer = world.feed->viewers[slot];
    assert_non_null(viewer);
    return viewer;
}

static struct feed_sub *sub_of(const char *topic)
{
    const struct feed_sub *sub = feed_next(the_viewer(), NULL);
    while (strcmp(feed_topic(sub), topic) != 0) sub = feed_next(the_viewer(), sub);
    return (struct feed_sub *)sub;
}

static void tell(struct feed_message message)
{
    struct feed_viewer *viewer = the_viewer();
    if (!message.sub) message.sub = viewer->subs;
    if (!message.cursor[0]) strcpy(message.cursor, "aaaaaaaa.7");
    viewer->transport->deliver(viewer->arg, &message);
}

static void flush(void) { the_viewer()->transport->flush(the_viewer()->arg); }

static struct feed_item *make_entry(const char *kind)
{
    Events__LogEntry entry = EVENTS__LOG_ENTRY__INIT;
    entry.kind = kind;
    struct feed_item *item = feed_item_create(&entry.base, 7);
    assert_non_null(item);
    return item;
}

// ---- The client

static bool has_come(int fd, const char *part)
{
    (void)house_read_text(fd, world.text, sizeof world.text);
    return strstr(world.text, part) != NULL;
}

static int begin(const char *first, const char *second)
{
    world.topics_asked[0] = first;
    world.topics_asked[1] = second;
    world.count = second ? 2 : 1;
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    UNTIL(has_come(fd, "\r\n\r\nretry: "));
    assert_int_equal(the_viewer()->subs_count, world.count);
    return fd;
}

static void leave(int fd)
{
    close(fd);
    UNTIL(feed_viewers(world.feed) == 0 && http_server_connections(house.server) == 0);
}

// ---- The tests

static void a_stream_has_the_head_of_one(void **state)
{
    (void)state;
    int fd = begin(EVENT, NULL);
    assert_non_null(strstr(world.text, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(world.text, "Content-Type: text/event-stream\r\n"));
    assert_non_null(strstr(world.text, "Cache-Control: no-store, no-transform\r\n"));
    assert_non_null(strstr(world.text, "X-Accel-Buffering: no\r\n"));
    leave(fd);
}

static void each_message_has_its_name_its_place_and_what_it_tells(void **state)
{
    struct feed_item *item = make_entry("NOTED");
    struct err gone;
    char expected[512];
    (void)state;
    strcpy(world.ids.after[0], "aaaaaaaa.3");
    int fd = begin(EVENT, NULL);
    tell((struct feed_message){.kind = FEED_ENTRY, .item = item});
    tell((struct feed_message){.kind = FEED_LIVE});
    tell((struct feed_message){.kind = FEED_RESET, .reason = "TOO_FAR"});
    tell((struct feed_message){.kind = FEED_HEAD, .time_ms = 1796000000123});
    err_fail(&gone, NOT_FOUND, "there is no \"such\" stream");
    tell((struct feed_message){.kind = FEED_ERROR, .err = &gone});
    flush();
    snprintf(expected, sizeof expected,
             "event: entry\nid: aaaaaaaa.3\ndata: {\"stream\":\"" EVENT
             "\",\"cursor\":\"aaaaaaaa.7\",\"entry\":%.*s}\n\n",
             (int)item->json->len, item->json->bytes);
    UNTIL(has_come(fd, "event: error\n"));
    assert_non_null(strstr(world.text, expected));
    assert_non_null(strstr(world.text, "event: live\nid: aaaaaaaa.3\ndata: {\"stream\":\"" EVENT
                                       "\",\"cursor\":\"aaaaaaaa.7\"}\n\n"));
    assert_non_null(strstr(world.text, "event: reset\nid: aaaaaaaa.3\ndata: {\"stream\":\"" EVENT
                                       "\",\"reason\":\"TOO_FAR\"}\n\n"));
    assert_non_null(strstr(world.text, ",\"server_time\":1796000000123}\n\n"));
    assert_non_null(strstr(world.text, ",\"code\":\"NOT_FOUND\",\"status\":404,\"detail\":\"there is no "
                                       "\\\"such\\\" stream\"}\n\n"));
    feed_item_drop(item);
    leave(fd);
}

static void a_snapshot_has_beside_it_what_is_the_viewers_own(void **state)
{
    Events__RoomSnapshot snapshot = EVENTS__ROOM_SNAPSHOT__INIT;
    Events__RoomMine mine = EVENTS__ROOM_MINE__INIT;
    struct feed_item *item = feed_item_create(&snapshot.base, 0);
    (void)state;
    mine.unread = 4;
    int fd = begin(ROOM, NULL);
    tell((struct feed_message){.kind = FEED_SNAPSHOT, .item = item, .mine = &mine.base});
    flush();
    UNTIL(has_come(fd, "\n\nevent: snapshot\ndata: {\"stream\":\"" ROOM "\"")); // nothing was seen: no id
    assert_non_null(strstr(world.text, ",\"state\":{"));
    assert_non_null(strstr(world.text, ",\"mine\":{"));
    assert_non_null(strstr(world.text, "\"unread\":4"));
    feed_item_drop(item);
    leave(fd);
}

static void an_id_says_where_the_client_is_in_all_streams(void **state)
{
    (void)state;
    strcpy(world.ids.after[0], "aaaaaaaa.3");
    strcpy(world.ids.after[1], "bbbbbbbb.5");
    int fd = begin(EVENT, ROOM);
    tell((struct feed_message){.kind = FEED_LIVE, .sub = sub_of(ROOM)});
    flush();
    UNTIL(has_come(fd, "id: " EVENT "=aaaaaaaa.3," ROOM "=bbbbbbbb.5\ndata: {\"stream\":\"" ROOM "\""));
    leave(fd);
}

static void the_secret_of_a_ticket_goes_with_each_id(void **state)
{
    (void)state;
    memcpy(world.ids.secret, SECRET, IDS_SECRET);
    strcpy(world.ids.after[0], "aaaaaaaa.3");
    int fd = begin(EVENT, NULL);
    tell((struct feed_message){.kind = FEED_LIVE});
    flush();
    UNTIL(has_come(fd, "id: aaaaaaaa.3." SECRET "\n"));
    leave(fd);
}

static void who_is_ended_is_told_why_and_when_to_come_again(void **state)
{
    (void)state;
    int fd = begin(EVENT, NULL);
    the_viewer()->transport->remind(the_viewer()->arg);
    viewer_end(the_viewer(), FEED_REVOKED, 1500);
    UNTIL(has_come(fd, ": renew\n\nretry: 1500\nevent: bye\ndata: {\"reason\":\"REVOKED\",\"retry_ms\":1500}"
                       "\n\n"));
    UNTIL(house_read_text(fd, world.text, sizeof world.text));
    leave(fd);
}

static void a_connection_ends_with_its_last_stream(void **state)
{
    (void)state;
    int fd = begin(EVENT, ROOM);
    feed_unsubscribe(sub_of(EVENT));
    flush();
    assert_int_equal(feed_viewers(world.feed), 1);
    feed_unsubscribe(sub_of(ROOM));
    flush();
    assert_int_equal(feed_viewers(world.feed), 0);
    UNTIL(has_come(fd, "\"reason\":\"ENDED\""));
    leave(fd);
}

static void who_may_not_come_is_as_if_they_had_not(void **state)
{
    (void)state;
    int fd = begin(EVENT, NULL), other = house_client(&house, "127.0.0.1");
    house_get(other);
    UNTIL(has_come(other, "HTTP/1.1 400"));
    assert_true(err_is(&world.refused, TOO_MANY_STREAMS));
    assert_int_equal(feed_viewers(world.feed), 1);
    close(other);
    leave(fd);
}

// From 64 KiB on it takes no more; once they are read it does, and nothing is missing.
static void who_reads_nothing_has_little_waiting(void **state)
{
    enum { LONG = 8 << 10 };
    char kind[LONG + 1];
    size_t told = 0, come = 0;
    (void)state;
    memset(kind, 'K', LONG);
    kind[LONG] = 0;
    struct feed_item *item = make_entry(kind);
    int fd = begin(EVENT, NULL);
    const struct feed_viewer *viewer = the_viewer();
    for (; viewer->transport->room(viewer->arg); told++) {
        tell((struct feed_message){.kind = FEED_ENTRY, .item = item});
        flush();
    }
    assert_true(viewer->transport->waiting(viewer->arg) >= FEED_FULL);
    assert_true(viewer->transport->waiting(viewer->arg) < FEED_FULL + 2 * LONG);
    assert_true(told * LONG < sizeof world.text - LONG); // the kernel takes little
    UNTIL((house_read_text(fd, world.text, sizeof world.text), viewer->transport->room(viewer->arg)));
    tell((struct feed_message){.kind = FEED_LIVE});
    flush();
    UNTIL(has_come(fd, "event: live\n"));
    for (const char *at = world.text; (at = strstr(at, "event: entry\n")) != NULL; at++) come++;
    assert_int_equal(come, told);
    feed_item_drop(item);
    leave(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_stream_has_the_head_of_one),
        TEST(each_message_has_its_name_its_place_and_what_it_tells),
        TEST(a_snapshot_has_beside_it_what_is_the_viewers_own),
        TEST(an_id_says_where_the_client_is_in_all_streams),
        TEST(the_secret_of_a_ticket_goes_with_each_id),
        TEST(who_is_ended_is_told_why_and_when_to_come_again),
        TEST(a_connection_ends_with_its_last_stream),
        TEST(who_may_not_come_is_as_if_they_had_not),
        TEST(who_reads_nothing_has_little_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
