// Sockets of GraphQL on a real server, without services: what is told comes from the test.
#include "services/gateway/graph/talk.h"

#include "services/gateway/graph/testing/world.h"
#include "services/gateway/graph/tokens.h"
#include "services/gateway/http/testing/house.h"
#include "services/gateway/socket/frames.h"

enum { MOST = 1 << 20 };

static struct house house;
static struct graph_world world;
static struct buf got; // by the client, behind the head of the 101

// ---- The server

static void answer(struct house *of, struct http_exchange *exchange)
{
    static const struct cors cors = {""};
    const struct caller caller = {.address = "192.0.2.1", .household = "192.0.2.1"};
    struct handshake handshake;
    struct err err;
    (void)of;
    struct talk_request request = {
        .graphs = &world.graphs, .http = exchange, .handshake = &handshake, .caller = &caller, .ticket = ""};
    if (!handshake_check(exchange, &cors, &handshake, &err) || !talk_open(&request, &err))
        fail_msg("%s", err.message);
}

static int set_up(void **state)
{
    struct http_options options = house_options();
    (void)state;
    house_open(&house, &options);
    house.complete = answer;
    graph_world_open(&world, house.loop);
    buf_init(&got, MOST);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    graph_world_end(&world);
    http_server_stop(house.server);
    house.server = NULL;
    graph_world_close(&world);
    house_close(&house);
    buf_finish(&got);
    return 0;
}

static void world_go_on(void)
{
    loop_turn(house.loop);
    graph_world_turn(&world);
}

#define UNTIL(truth)                                                                                         \
    do {                                                                                                     \
        int64_t until_ms_ = clock_mono_ms() + HOUSE_PATIENCE_MS;                                             \
        while (!(truth) && clock_mono_ms() < until_ms_) world_go_on();                                       \
        assert_true(truth);                                                                                  \
    } while (0)

// ---- A client

#define ASKS                                                                                                 \
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "      \
    "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: "                          \
    "graphql-transport-ws\r\n\r\n"
#define INIT "{\"type\":\"connection_init\"}"
#define ASK(id, query) "{\"id\":\"" id "\",\"type\":\"subscribe\",\"payload\":{\"query\":\"" query "\"}}"
#define COMPLETE(id) "{\"id\":\"" id "\",\"type\":\"complete\"}"
#define FOLLOW(id)                                                                                           \
    ASK(id, "subscription { event(id: \\\"" ID_1 "\\\") { __typename ... on EventSnapshot { cursor } } }")
#define FOLLOW_LINKS(id)                                                                                     \
    ASK(id,                                                                                                  \
        "subscription { event(id: \\\"" ID_1 "\\\") { ... on EventSnapshot { state { deck { name } } } } }")

static void say(int fd, const char *text)
{
    struct buf frame;
    uint8_t head[FRAMES_HEAD];
    size_t size = frames_head(head, FRAMES_TEXT, strlen(text));
    head[1] |= 0x80;
    buf_init(&frame, MOST);
    buf_append(&frame, head, size);
    buf_append(&frame, "\0\0\0\0", 4); // a mask that changes nothing
    buf_str(&frame, text);
    assert_int_equal(send(fd, frame.bytes, frame.len, MSG_NOSIGNAL), (ssize_t)frame.len);
    buf_finish(&frame);
}

static bool has_come(int fd, const char *text)
{
    char bytes[4096];
    ssize_t len;
    while ((len = recv(fd, bytes, sizeof bytes, 0)) > 0) buf_append(&got, bytes, (size_t)len);
    return memmem(got.bytes, got.len, text, strlen(text)) != NULL;
}

static int open_ready(void)
{
    int fd = house_client(&house, "127.0.0.1");
    house_send(fd, ASKS);
    UNTIL(has_come(fd, "\r\n\r\n"));
    say(fd, INIT);
    UNTIL(has_come(fd, "connection_ack"));
    assert_int_equal(feed_viewers(world.feed), 1);
    return fd;
}

// Nothing is left of it.
static void leave(int fd)
{
    close(fd);
    UNTIL(feed_viewers(world.feed) == 0 && http_server_connections(house.server) == 0);
    UNTIL(world.graphs.running == 0);
    assert_int_equal(world.graphs.shapes.count, 0);
}

// ---- Its viewer

static struct feed_viewer *the_viewer(void) { return graph_world_viewer(&world); }

static void tell_snapshot(size_t nth)
{
    struct feed_viewer *viewer = the_viewer();
    const struct feed_sub *sub = viewer->subs;
    struct feed_item *item = world_event();
    while (nth--) sub = sub->next_of;
    struct feed_message message = world_message(FEED_SNAPSHOT, sub, item);
    assert_true(viewer->transport->room(viewer->arg));
    viewer->transport->deliver(viewer->arg, &message);
    feed_item_drop(item);
}

static void flush(void) { the_viewer()->transport->flush(the_viewer()->arg); }

// ---- The tests

static void an_operation_is_answered_and_over(void **state)
{
    (void)state;
    int fd = open_ready();
    say(fd, ASK("a", "{ __typename }"));
    UNTIL(has_come(fd, "{\"id\":\"a\",\"type\":\"next\",\"payload\":{\"data\":{\"__typename\":\"Query\"},"
                       "\"extensions\":{\"cost\":0}}}"));
    UNTIL(has_come(fd, COMPLETE("a")));
    say(fd, ASK("a", "{ nothing }"));
    UNTIL(has_come(fd, "{\"id\":\"a\",\"type\":\"error\",\"payload\":[{\"message\":"));
    say(fd, ASK("a", "subscription { event(id: \\\"x\\\") { __typename } }"));
    UNTIL(has_come(fd, "\"fields\":[{\"field\":\"id\""));
    assert_int_equal(world.graphs.running, 0);
    leave(fd);
}

static void what_is_told_goes_out_with_the_flush(void **state)
{
    static const char next[] =
        "{\"id\":\"b\",\"type\":\"next\",\"payload\":{\"data\":{\"event\":{\"__typename\":"
        "\"EventSnapshot\",\"cursor\":\"aaaaaaaa.1\"}}}}";
    (void)state;
    int fd = open_ready();
    say(fd, FOLLOW("a"));
    say(fd, FOLLOW("b"));
    UNTIL(the_viewer()->subs_count == 2);
    assert_int_equal(world.graphs.shapes.count, 1);
    tell_snapshot(1);
    assert_false(has_come(fd, next));
    flush();
    UNTIL(has_come(fd, next));
    say(fd, COMPLETE("a"));
    UNTIL(the_viewer()->subs_count == 1);
    leave(fd);
}

static void a_sign_of_life_says_where_each_stream_is(void **state)
{
    (void)state;
    int fd = open_ready();
    say(fd, FOLLOW("a"));
    say(fd, FOLLOW("b"));
    say(fd, FOLLOW("c"));
    UNTIL(the_viewer()->subs_count == 3);
    struct feed_sub *sub = the_viewer()->subs; // b begins yet
    for (uint64_t offset = 7; sub; sub = sub->next_of ? sub->next_of->next_of : NULL, offset++) {
        sub->placed = true;
        memcpy(sub->epoch, "aaaaaaaa", CURSOR_EPOCH);
        sub->offset = offset;
    }
    the_viewer()->transport->beat(the_viewer()->arg, 1700000000123);
    UNTIL(has_come(fd, "{\"type\":\"ping\",\"payload\":{\"server_time\":1700000000123,"
                       "\"cursors\":{\"c\":\"aaaaaaaa.8\",\"a\":\"aaaaaaaa.7\"}}}"));
    leave(fd);
}

static void who_is_silent_is_not_waited_for(void **state)
{
    (void)state;
    int fd = open_ready();
    say(fd, FOLLOW("a"));
    UNTIL(the_viewer()->subs_count == 1);
    feed_end_silent(the_viewer());
    assert_int_equal(feed_viewers(world.feed), 0);
    UNTIL(has_come(fd, "SLOW"));
    leave(fd);
}

// Who waited for an answer that nobody wants any more is looked at again.
static void a_stream_that_is_given_up_holds_nobody_up(void **state)
{
    (void)state;
    int fd = open_ready();
    say(fd, FOLLOW_LINKS("a"));
    say(fd, FOLLOW("b"));
    UNTIL(the_viewer()->subs_count == 2);
    tell_snapshot(0);
    assert_false(the_viewer()->transport->room(the_viewer()->arg));
    say(fd, COMPLETE("a"));
    while (the_viewer()->subs_count == 2) loop_turn(house.loop);
    assert_true(the_viewer()->transport->room(the_viewer()->arg));
    assert_non_null(the_viewer()->link_due);
    assert_int_equal(world.graphs.running, 0);
    leave(fd);
}

static void the_feed_ends_it_while_a_question_is_out(void **state)
{
    (void)state;
    int fd = open_ready();
    say(fd, FOLLOW_LINKS("a"));
    say(fd, ASK("b", "{ sides { slug } }"));
    UNTIL(the_viewer()->subs_count == 1 && world.graphs.running == 1);
    tell_snapshot(0);
    assert_int_equal(world.graphs.running, 2);
    viewer_end(the_viewer(), FEED_REVOKED, 0);
    assert_int_equal(feed_viewers(world.feed), 0);
    assert_int_equal(world.graphs.running, 1); // the answer finds nobody
    UNTIL(has_come(fd, "REVOKED"));
    leave(fd);
}

static void a_command_outlives_its_socket(void **state)
{
    (void)state;
    int fd = open_ready();
    say(fd,
        ASK("a", "mutation { login(input: { username: \\\"a\\\", password: \\\"b\\\" }) { accessToken } }"));
    say(fd, ASK("b", "{ sides { slug } }"));
    UNTIL(world.graphs.running == 2);
    close(fd);
    while (feed_viewers(world.feed)) loop_turn(house.loop);
    assert_int_equal(world.graphs.running, 1);
    UNTIL(world.graphs.running == 0);
}

static void a_token_that_is_none_is_refused(void **state)
{
    (void)state;
    int fd = house_client(&house, "127.0.0.1");
    house_send(fd, ASKS);
    UNTIL(has_come(fd, "\r\n\r\n"));
    say(fd, "{\"type\":\"connection_init\",\"payload\":{\"authorization\":\"Bearer x\"}}");
    UNTIL(has_come(fd, "TOKEN_INVALID"));
    assert_int_equal(feed_viewers(world.feed), 0);
    leave(fd);
}

// As long as auth is away nobody knows; who goes meanwhile is forgotten.
static void who_goes_while_keys_are_fetched_is_forgotten(void **state)
{
    static const char unknown[] =
        "{\"type\":\"connection_init\",\"payload\":{\"authorization\":\"Bearer "
        "eyJhbGciOiJFZERTQSIsImtpZCI6Im5ldyJ9.e30."
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}";
    (void)state;
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = house_client(&house, "127.0.0.1");
        house_send(fds[i], ASKS);
        UNTIL(has_come(fds[i], "\r\n\r\n"));
        buf_reset(&got);
        say(fds[i], unknown);
    }
    UNTIL(world.graphs.wanting && world.graphs.wanting->next);
    close(fds[0]);
    UNTIL(!world.graphs.wanting->next);
    UNTIL(has_come(fds[1], "SERVICE_AWAY")); // comes again
    leave(fds[1]);
}

static void the_gateway_stops_while_all_is_on_its_way(void **state)
{
    (void)state;
    int fd = open_ready();
    say(fd, FOLLOW_LINKS("a"));
    say(fd,
        ASK("b", "mutation { login(input: { username: \\\"a\\\", password: \\\"b\\\" }) { accessToken } }"));
    UNTIL(the_viewer()->subs_count == 1 && world.graphs.running == 1);
    tell_snapshot(0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_operation_is_answered_and_over),
        TEST(what_is_told_goes_out_with_the_flush),
        TEST(a_sign_of_life_says_where_each_stream_is),
        TEST(who_is_silent_is_not_waited_for),
        TEST(a_stream_that_is_given_up_holds_nobody_up),
        TEST(the_feed_ends_it_while_a_question_is_out),
        TEST(a_command_outlives_its_socket),
        TEST(a_token_that_is_none_is_refused),
        TEST(who_goes_while_keys_are_fetched_is_forgotten),
        TEST(the_gateway_stops_while_all_is_on_its_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
