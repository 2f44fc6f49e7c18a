// What the tests of operations share: all that a loop lends them, with services that nobody serves, so that
// every question fails in a while. What streams tell is told by the test.
#ifndef GATEWAY_GRAPH_TESTING_WORLD_H
#define GATEWAY_GRAPH_TESTING_WORLD_H

#include <sodium.h>

#include "events.pb-c.h"
#include "lib/base/clock.h"
#include "services/gateway/feed/channel.h"
#include "services/gateway/feed/quota.h"
#include "services/gateway/graph/bodies.h"
#include "services/gateway/graphql/make/make.h"
#include "services/gateway/stream/hub.h"
#include "services/gateway/stream/topics.h"
#include "tests/test.h"

#define ID_1 "01a204b8-c493-744e-8dfd-817a593ee201"
#define ID_2 "01a204b8-c493-744e-8dfd-817a593ee202"

enum { WORLD_MOST = 1000 };

struct graph_world {
    struct loop *loop;
    struct access *access;
    struct auth_feed *auth;
    struct asks *asks;
    struct topics *topics;
    struct hub *hub;
    struct feed_quota *quota;
    struct metrics *metrics;
    struct feed *feed;
    struct limits limits;
    struct routes *routes;
    struct gql_trust *trust;
    struct graph_budget budget;
    struct arena arena;
    struct key_fetch keys;
    struct graphs graphs;
};

static inline void graph_world_on_keys(void *arg, const struct err *failure)
{
    graphs_keys_arrived(&((struct graph_world *)arg)->graphs, failure);
}

static inline void graph_world_make(struct graph_world *world, const struct gql_schema *schema)
{
    world->keys = (struct key_fetch){.loop = world->loop,
                                     .asks = world->asks,
                                     .access = world->access,
                                     .feed = world->auth,
                                     .arrived = graph_world_on_keys,
                                     .arg = world};
    const struct graphs_options options = {.loop = world->loop,
                                           .asks = world->asks,
                                           .access = world->access,
                                           .feed = world->auth,
                                           .keys = &world->keys,
                                           .limits = &world->limits,
                                           .streams = world->feed,
                                           .schema = schema,
                                           .trust = world->trust,
                                           .budget = &world->budget,
                                           .timeout_ms = 5000,
                                           .metrics = world->metrics};
    graphs_create(&world->graphs, &options);
}

// On a loop of the test's.
static inline void graph_world_open(struct graph_world *world, struct loop *loop)
{
    static const uint8_t key[GQL_NAMES_KEY] = {7};
    static const struct feed_limits most = {WORLD_MOST, WORLD_MOST, WORLD_MOST, WORLD_MOST};
    const struct asks_service services[] = {{"auth", "inproc://nobody"}, {"events", "inproc://nobody"}};
    const struct gql_schema *schema = NULL;
    struct err err;
    size_t count;
    const struct route_row *rows = routes_table(&count);
    *world = (struct graph_world){.loop = loop, .budget.most = 64 << 20};
    arena_init(&world->arena, 16 << 20);
    world->metrics = metrics_create();
    bool ok = sodium_init() >= 0 && access_create(&world->access, &err) &&
              auth_feed_create(&world->auth, world->access, &err) && topics_create(&world->topics, &err) &&
              hub_create(&world->hub, world->topics, loop, 0, &err) &&
              feed_quota_create(&world->quota, &most, NULL, &err) &&
              limits_open(&world->limits, "memory:", NULL, world->metrics, &err) &&
              routes_create(&world->routes, rows, count, &err) &&
              gql_make(&schema, world->routes, key, &world->arena, &err) &&
              gql_trust_load(&world->trust, "", schema, &err);
    if (!ok || !schema) fail_msg("%s", err.message);
    for (int i = 0; i < LIMIT_CLASSES; i++) world->limits.classes[i] = (struct bucket){1000, 1000};
    asks_create(&world->asks, loop, world->access);
    if (!asks_connect(world->asks, services, 2, NULL, &err)) fail_msg("%s", err.message);
    const struct feed_options feed = {.loop = loop,
                                      .hub = world->hub,
                                      .asks = world->asks,
                                      .events = 1,
                                      .access = world->access,
                                      .quota = world->quota,
                                      .pace = {256 << 10, 1024, 5000},
                                      .metrics = world->metrics};
    if (!feed_create(&world->feed, &feed, &err)) fail_msg("%s", err.message);
    graph_world_make(world, schema);
}

static inline void graph_world_turn(struct graph_world *world)
{
    asks_turn(world->asks);
    feed_turn(world->feed);
    graphs_turn(&world->graphs);
    asks_flush(world->asks);
}

// As the gateway stops; between the two the connections are closed.
static inline void graph_world_end(struct graph_world *world)
{
    feed_end_all(world->feed);
    asks_disconnect(world->asks);
}

static inline void graph_world_close(struct graph_world *world)
{
    asks_disconnect(world->asks);
    graphs_destroy(&world->graphs);
    feed_destroy(world->feed);
    hub_destroy(world->hub);
    asks_destroy(world->asks);
    auth_feed_destroy(world->auth);
    limits_close(&world->limits);
    topics_destroy(world->topics);
    access_destroy(world->access);
    feed_quota_destroy(world->quota);
    gql_trust_free(world->trust);
    routes_destroy(world->routes);
    metrics_destroy(world->metrics);
    arena_finish(&world->arena);
    assert_int_equal(world->budget.held, 0);
    assert_int_equal(world->budget.followed, 0);
    assert_int_equal(world->graphs.shares.count, 0);
}

// ---- What streams tell

static inline struct feed_item *world_entry(uint64_t number)
{
    Events__LogEntry entry = EVENTS__LOG_ENTRY__INIT;
    entry.index = number;
    entry.kind = "NOTED";
    struct feed_item *item = feed_item_create(&entry.base, number);
    assert_non_null(item);
    return item;
}

static inline struct feed_item *world_event(void)
{
    Events__Event event = EVENTS__EVENT__INIT;
    event.id = ID_1;
    struct feed_item *item = feed_item_create(&event.base, 0);
    assert_non_null(item);
    return item;
}

static inline struct feed_message world_message(enum feed_kind kind, const struct feed_sub *sub,
                                                const struct feed_item *item)
{
    return (struct feed_message){.kind = kind, .sub = sub, .item = item, .cursor = "aaaaaaaa.1"};
}

// The only one that follows.
static inline struct feed_viewer *graph_world_viewer(const struct graph_world *world)
{
    struct feed_viewer *viewer = NULL;
    for (size_t slot = 0; slot < FEED_SLOTS && !viewer; slot++) viewer = world->feed->viewers[slot];
    assert_non_null(viewer);
    return viewer;
}

#endif
