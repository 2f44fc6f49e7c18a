// Following auth: what it tells is learned, from the place on that was reached, and it is known how fresh it
// is.
#include <sched.h>
#include <sodium.h>

#include "lib/base/clock.h"
#include "lib/bus/feed.h"
#include "lib/names/testing/world.h"

enum { PATIENCE_MS = 60000 };

#define FEED "inproc://names-feed"
#define BUS "inproc://names-bus"

// ---- An auth that tells names

struct auth {
    struct store *store;
    struct rpc_server *server;
    struct bus_publisher *publisher;
};

static bool fill_notice(struct rpc_call *call, ProtobufCBinaryData bytes, Bus__Notice *notice,
                        struct err *err)
{
    (void)call, (void)err;
    notice->kind = "NAME";
    notice->payload = bytes;
    return true;
}

static bool read_stream(struct rpc_call *call, const char *stream, uint64_t from, size_t limit,
                        struct feed_page *page, struct err *err)
{
    const struct auth *auth = call->service;
    return feed_read_store(call, auth->store, stream, from, limit, fill_notice, page, err);
}

static bool list_heads(struct rpc_call *call, const char *prefix, const char *after, size_t limit,
                       Bus__Heads__Head *rows, size_t *count, struct err *err)
{
    const struct auth *auth = call->service;
    return feed_heads_store(call, auth->store, prefix, after, limit, rows, count, err);
}

static uint64_t generation_of(const struct rpc_call *call)
{
    return store_generation(((const struct auth *)call->service)->store);
}

static const struct feed_source source = {schema_streams, read_stream, list_heads, generation_of};

HANDLER(answer_read, Bus__ReadRequest, Bus__ReadReply)
{
    return feed_read(call, &source, request, reply, err);
}

HANDLER(answer_heads, Bus__HeadsRequest, Bus__Heads)
{
    return feed_list_heads(call, &source, request, reply, err);
}

static const struct rpc_method feed[] = {
    RPC_METHOD("auth.feed.Read", answer_read), RPC_METHOD("auth.feed.ListHeads", answer_heads), {0}};
static const struct rpc_method *const methods[] = {feed, NULL};

static void auth_begin(struct world *world, struct auth *auth)
{
    char url[64];
    snprintf(url, sizeof url, "sqlite:%s/auth.db", world->folder);
    must(world, store_open(&auth->store, &(struct store_options){.url = url}, &world->err));
    struct rpc_server_options server = {
        .name = "auth", .methods = methods, .service = auth, .address = FEED, .workers = 1, .queue = 64};
    must(world, rpc_server_start(&auth->server, &server, &world->err));
    const struct bus_publisher_options publisher = {
        .service = "auth", .address = BUS, .generation = store_generation(auth->store), .store = auth->store};
    must(world, bus_publisher_open(&auth->publisher, &publisher, &world->err));
}

static void auth_end(struct auth *auth)
{
    bus_publisher_close(auth->publisher);
    rpc_server_stop(auth->server);
    store_close(auth->store);
}

static void auth_tell(struct world *world, struct auth *auth, struct name_news news)
{
    Bus__Notice notice = BUS__NOTICE__INIT;
    const ProtobufCBinaryData entry = name_news_entry(&world->arena, &news);
    uint64_t ticket = store_append_next(auth->store, NAMES_STREAM, &entry, 1, NULL);
    must(world, store_wait(auth->store, ticket, &world->err));
    must(world, store_head(auth->store, NAMES_STREAM, &notice.seq, &world->err));
    notice.stream = NAMES_STREAM;
    bus_publish(auth->publisher, &notice);
}

// ---- Following it

static bool follow(struct world *world, Conse__Asker__Value self)
{
    const struct names_source auth = {.self = self, .bus = BUS, .feed = FEED};
    return names_follow(world->one.names, &auth, &world->err);
}

static void await_name(struct world *world, const char *username)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (!*bearer_of(&world->one, username).text && clock_mono_ms() < until_ms) sched_yield();
    assert_string_not_equal(bearer_of(&world->one, username).text, "");
}

static void await_fresh(struct world *world)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (!names_are_fresh(world->one.names) && clock_mono_ms() < until_ms) sched_yield();
    assert_true(names_are_fresh(world->one.names));
}

static void services_that_keep_names_follow(void **state)
{
    struct world *world = *state;
    struct auth auth;
    auth_begin(world, &auth);
    auth_tell(world, &auth, NAMED(MIRA, "mira", 1));
    must(world, follow(world, CONSE__ASKER__VALUE__EVENTS));
    await_name(world, "mira");
    names_unfollow(world->one.names);
    must(world, follow(world, CONSE__ASKER__VALUE__CHAIN));
    auth_tell(world, &auth, NAMED(LENA, "lena", 1));
    await_name(world, "lena");
    names_unfollow(world->one.names);
    assert_false(follow(world, CONSE__ASKER__VALUE__GATEWAY));
    assert_int_equal(world->err.reason, IS(CALLER_REFUSED));
    auth_end(&auth);
}

static void it_goes_on_where_it_was(void **state)
{
    struct world *world = *state;
    struct auth auth;
    auth_begin(world, &auth);
    auth_tell(world, &auth, NAMED(MIRA, "passed", 1));
    LEARN(world, store_generation(auth.store), 1, NAMED(MIRA, "mira", 1));
    end(&world->one);
    world->one = begin(world, NULL);
    must(world, follow(world, CONSE__ASKER__VALUE__CHAIN));
    auth_tell(world, &auth, NAMED(LENA, "lena", 1));
    await_name(world, "lena");
    assert_called(&world->one, MIRA, "mira");
    end(&world->one);
    auth_end(&auth);
}

// As after a restore of auth; until it was heard, what is known counts.
static void whom_auth_does_not_know_any_more_is_nobody(void **state)
{
    struct world *world = *state;
    struct name_told told;
    struct auth auth;
    auth_begin(world, &auth);
    auth_tell(world, &auth, NAMED(LENA, "lena", 1));
    LEARN(world, store_generation(auth.store) + 1, 3, NAMED(MIRA, "mira", 7), NAMED(LENA, "helena", 7));
    assert_false(names_are_fresh(world->one.names));
    assert_called(&world->one, MIRA, "mira");
    must(world, follow(world, CONSE__ASKER__VALUE__CHAIN));
    await_name(world, "lena");
    await_fresh(world);
    assert_false(names_get(world->one.names, MIRA, &told));
    assert_string_equal(bearer_of(&world->one, "mira").text, "");
    assert_called(&world->one, LENA, "lena");
    end(&world->one);
    auth_end(&auth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ALONE(services_that_keep_names_follow),
        ALONE(it_goes_on_where_it_was),
        ALONE(whom_auth_does_not_know_any_more_is_nobody),
    };
    return cmocka_run_group_tests_name("names: following", tests, NULL, NULL);
}
