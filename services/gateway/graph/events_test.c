// Subscriptions by events on a real server, without services: what is told comes from the test.
#include "services/gateway/graph/events.h"

#include "services/gateway/graph/following.h"
#include "services/gateway/graph/testing/world.h"
#include "services/gateway/http/testing/house.h"

static struct house house;
static struct graph_world world;
static char text[64 << 10]; // what the client has read
static const char *document, *after, *secret;
static struct err refused;

static void answer(struct house *of, struct http_exchange *exchange)
{
    static const struct running_owner nobody = {0};
    const struct caller caller = {.address = "192.0.2.1", .household = "192.0.2.1"};
    struct running *running = running_create(&world.graphs, &caller, &nobody, NULL);
    json_t *object = json_object();
    struct buf errors;
    buf_init(&errors, 4096);
    json_object_set_new(object, "query", json_string(document));
    if (!running_read(running, object, &errors)) fail_msg("%s", errors.bytes);
    const struct events_request request = {
        .graphs = &world.graphs,
        .line = {.feed = world.feed, .loop = of->loop, .http = exchange, .caller = &caller},
        .run = running->asker.run,
        .request = &running->request,
        .after = after,
        .secret = secret,
        .tab = 7};
    refused = (struct err){0};
    if (!events_open(&request, &refused)) http_answer(exchange, &(struct http_answer){.status = 400});
    json_decref(object);
    buf_finish(&errors);
    running_leave(running);
}

static int set_up(void **state)
{
    struct http_options options = house_options();
    (void)state;
    house_open(&house, &options);
    house.complete = answer;
    graph_world_open(&world, house.loop);
    text[0] = 0;
    after = secret = NULL;
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

#define FOLLOW "subscription { event(id: \"" ID_1 "\", after: \"aaaaaaaa.3\") { ... on LogEntry { index } } }"
#define FOLLOW_LINKS                                                                                         \
    "subscription { event(id: \"" ID_1 "\") { ... on EventSnapshot { state { deck { name } } } } }"

static bool has_come(int fd, const char *part)
{
    (void)house_read_text(fd, text, sizeof text);
    return strstr(text, part) != NULL;
}

static struct feed_viewer *the_viewer(void) { return graph_world_viewer(&world); }

static int follow(const char *what)
{
    document = what;
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    UNTIL(has_come(fd, "\r\n\r\nretry: "));
    assert_non_null(strstr(text, "Content-Type: text/event-stream\r\n"));
    assert_int_equal(the_viewer()->subs_count, 1);
    return fd;
}

static void tell(enum feed_kind kind, const struct feed_item *item, const struct err *err)
{
    struct feed_viewer *viewer = the_viewer();
    struct feed_message message = world_message(kind, viewer->subs, item);
    message.err = err;
    viewer->transport->deliver(viewer->arg, &message);
}

static void flush(void) { the_viewer()->transport->flush(the_viewer()->arg); }

static void leave(int fd)
{
    close(fd);
    UNTIL(feed_viewers(world.feed) == 0 && http_server_connections(house.server) == 0);
    assert_int_equal(world.graphs.shapes.count, 0);
    assert_int_equal(world.graphs.running, 0);
}

static void an_id_brings_the_secret_of_its_stream_back(void **state)
{
    struct feed_item *item = world_entry(7);
    (void)state;
    secret = "abcdefghijklmnopqrstuvwxyz";
    int fd = follow(FOLLOW);
    assert_int_equal(the_viewer()->tab, 7);
    tell(FEED_ENTRY, item, NULL);
    flush();
    UNTIL(has_come(fd, "id: aaaaaaaa.1.abcdefghijklmnopqrstuvwxyz\nevent: next\ndata: "));
    leave(fd);
    feed_item_drop(item);
}

static void each_answer_has_its_cursor_as_its_id(void **state)
{
    struct feed_item *item = world_entry(7);
    (void)state;
    int fd = follow(FOLLOW);
    assert_int_equal(the_viewer()->subs->offset, 3);
    tell(FEED_ENTRY, item, NULL);
    flush();
    UNTIL(has_come(fd, "id: aaaaaaaa.1\nevent: next\ndata: {\"data\":{\"event\":{\"index\":\"7\"}}}\n\n"));
    feed_item_drop(item);
    leave(fd);
}

static void the_id_of_a_client_that_comes_again_comes_first(void **state)
{
    (void)state;
    after = "aaaaaaaa.9";
    int fd = follow(FOLLOW);
    assert_int_equal(the_viewer()->subs->offset, 9);
    leave(fd);
}

static void a_stream_that_is_gone_is_complete(void **state)
{
    struct err err;
    (void)state;
    int fd = follow(FOLLOW);
    struct feed_sub *sub = the_viewer()->subs;
    err_fail(&err, NOT_FOUND, "it is gone");
    tell(FEED_ERROR, NULL, &err);
    feed_unsubscribe(sub); // as its feed does then
    flush();
    UNTIL(has_come(fd, "event: complete\ndata: \n\n"));
    assert_non_null(strstr(text, "event: next\ndata: {\"errors\":[{\"message\":\"it is gone\""));
    assert_null(strstr(text, ": bye"));
    assert_int_equal(feed_viewers(world.feed), 0);
    leave(fd);
}

static void a_sign_of_life_sets_the_place_and_tells_nothing(void **state)
{
    (void)state;
    secret = "abcdefghijklmnopqrstuvwxyz";
    int fd = follow(FOLLOW);
    the_viewer()->subs->offset = 12;
    the_viewer()->transport->beat(the_viewer()->arg, 0);
    UNTIL(has_come(fd, "\n\nid: aaaaaaaa.12.abcdefghijklmnopqrstuvwxyz\n: 1"));
    assert_null(strstr(text, "event:"));
    leave(fd);
}

// Without `complete` the client comes again.
static void who_is_ended_comes_again(void **state)
{
    (void)state;
    int fd = follow(FOLLOW);
    the_viewer()->transport->beat(the_viewer()->arg, 0);
    the_viewer()->transport->remind(the_viewer()->arg);
    viewer_end(the_viewer(), FEED_REVOKED, 1500);
    UNTIL(has_come(fd, ": renew\n\nretry: 1500\n: bye REVOKED\n\n"));
    assert_null(strstr(text, "complete"));
    leave(fd);
}

static void who_goes_while_a_question_is_out_is_forgotten(void **state)
{
    struct feed_item *item = world_event();
    (void)state;
    int fd = follow(FOLLOW_LINKS);
    tell(FEED_SNAPSHOT, item, NULL);
    feed_item_drop(item);
    assert_false(the_viewer()->transport->room(the_viewer()->arg));
    assert_int_equal(world.graphs.running, 1);
    leave(fd);
}

static void what_is_refused_is_as_if_it_had_never_been(void **state)
{
    (void)state;
    document = "subscription { me { __typename } }";
    int fd = house_client(&house, "127.0.0.1");
    house_get(fd);
    UNTIL(has_come(fd, "HTTP/1.1 400"));
    assert_true(err_is(&refused, TOKEN_INVALID));
    assert_int_equal(feed_viewers(world.feed), 0);
    leave(fd);
}

static void an_answer_is_wrapped(void **state)
{
    struct buf answer;
    (void)state;
    buf_init(&answer, 1024);
    buf_str(&answer, "{\"data\":1}");
    events_wrap(&answer);
    assert_string_equal(answer.bytes, "event: next\ndata: {\"data\":1}\n\nevent: complete\ndata: \n\n");
    buf_finish(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_id_brings_the_secret_of_its_stream_back),
        TEST(each_answer_has_its_cursor_as_its_id),
        TEST(the_id_of_a_client_that_comes_again_comes_first),
        TEST(a_stream_that_is_gone_is_complete),
        TEST(a_sign_of_life_sets_the_place_and_tells_nothing),
        TEST(who_is_ended_comes_again),
        TEST(who_goes_while_a_question_is_out_is_forgotten),
        TEST(what_is_refused_is_as_if_it_had_never_been),
        TEST(an_answer_is_wrapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
