// Topics in the channels of a real Redis: in order, from the making on, over its death, and once more where
// another process takes over.
#include "services/events/push/crier.h"

#include <jansson.h>

#include "lib/cache/redis/testing/server.h"
#include "services/events/testing/topics.h"

struct channel {
    redisContext *redis;
    json_t *heard; // the newest message
};

static struct channel subscribe(const struct redis_server *server)
{
    struct channel channel = {redis_server_ask(server), NULL};
    redisReply *reply = redisCommand(channel.redis, "SUBSCRIBE conse.own");
    assert_non_null(reply);
    freeReplyObject(reply);
    return channel;
}

static void unsubscribe(struct channel *channel)
{
    json_decref(channel->heard);
    redisFree(channel->redis);
}

static const char *member_of(const struct channel *channel, const char *name)
{
    return json_string_value(json_object_get(channel->heard, name));
}

static void hears(struct channel *channel, const char *index)
{
    redisReply *reply;
    assert_int_equal(redisGetReply(channel->redis, (void **)&reply), REDIS_OK);
    json_decref(channel->heard);
    channel->heard = json_loads(reply->element[2]->str, 0, NULL);
    freeReplyObject(reply);
    assert_non_null(channel->heard);
    assert_string_equal(member_of(channel, "topic"), "own");
    assert_string_equal(member_of(channel, "index"), index);
}

static struct crier *open_crier(struct service_world *world)
{
    struct crier *crier;
    struct err err;
    if (!crier_open(&crier, &world->events, &err) || !crier_start(crier, &err)) fail_msg("%s", err.message);
    return crier;
}

static void shut_crier(struct crier *crier)
{
    crier_stop(crier);
    crier_close(crier);
}

static void publish(struct service_world *world, struct crier *crier, const char *title)
{
    retitle(world, title);
    feed(world);
    crier_ring(crier, "own");
}

static void entries_are_heard_in_order_and_none_is_left_out(void **state)
{
    struct service_world *world = *state;
    struct redis_server server;
    struct err err;
    char url[128];
    redis_server_open(&server, url);
    world->events.settings.push_redis = url;
    struct crier *crier = open_crier(world);
    struct channel channel = subscribe(&server);
    open_now(world);
    retitle(world, "before");
    make_topic(world, &god, "own", "events.$event.public", "");
    feed(world);
    publish(world, crier, "one");
    hears(&channel, "1");
    assert_string_equal(json_string_value(json_object_get(json_object_get(channel.heard, "entry"), "kind")),
                        "EDITED");
    assert_true(*member_of(&channel, "cursor"));
    unsubscribe(&channel);
    redis_server_kill(&server);
    publish(world, crier, "two");
    publish(world, crier, "three");
    crier_stop(crier); // or it might publish before somebody listens
    redis_server_start(&server, NULL);
    channel = subscribe(&server);
    publish(world, crier, "four");
    assert_true(crier_start(crier, &err));
    hears(&channel, "2");
    hears(&channel, "3");
    hears(&channel, "4");
    shut_crier(crier);
    crier = open_crier(world); // another process, which may repeat what is new
    crier_ring(crier, "own");
    for (int i = 1; i <= 4; i++) hears(&channel, (char[]){(char)('0' + i), 0});
    unsubscribe(&channel);
    shut_crier(crier);
    redis_server_kill(&server);
    test_folder_remove(server.folder);
}

static void who_may_not_any_more_is_not_heard(void **state)
{
    struct service_world *world = *state;
    struct redis_server server;
    char url[128];
    redis_server_open(&server, url);
    world->events.settings.push_redis = url;
    struct channel channel = subscribe(&server);
    open_now(world);
    make_topic(world, &god, "own", "events.$event.public", "");
    retitle(world, "one");
    feed(world);
    service_teach(world, god.user_id, "god", LEVEL_PLAYER);
    struct crier *crier = open_crier(world);
    crier_ring(crier, "own");
    make_topic(world, &dev, "other", "events.$event.public", "");
    redisContext *sentry = redis_server_ask(&server);
    redisReply *reply = redisCommand(sentry, "SUBSCRIBE conse.other");
    freeReplyObject(reply);
    retitle(world, "two");
    feed(world);
    crier_ring(crier, "other"); // behind it
    assert_int_equal(redisGetReply(sentry, (void **)&reply), REDIS_OK);
    freeReplyObject(reply);
    redisFree(sentry);
    service_teach(world, god.user_id, "god", LEVEL_GOD);
    crier_ring(crier, "own");
    hears(&channel, "1"); // and nothing before
    unsubscribe(&channel);
    shut_crier(crier);
    redis_server_kill(&server);
    test_folder_remove(server.folder);
}

static void without_a_redis_there_is_none(void **state)
{
    struct service_world *world = *state;
    struct crier *crier;
    struct err err;
    world->events.settings.push_redis = "";
    assert_true(crier_open(&crier, &world->events, &err));
    assert_null(crier);
    assert_true(crier_start(crier, &err));
    crier_ring(crier, "own");
    shut_crier(crier);
    world->events.settings.push_redis = "http://localhost";
    assert_false(crier_open(&crier, &world->events, &err));
    assert_non_null(strstr(err.message, "CONSE_PUSH_REDIS"));
    crier_close(crier);
}

int main(void)
{
#define OWNED(test) cmocka_unit_test_setup_teardown(test, set_up_owner, tear_down)
    const struct CMUnitTest tests[] = {
        OWNED(entries_are_heard_in_order_and_none_is_left_out),
        OWNED(who_may_not_any_more_is_not_heard),
        OWNED(without_a_redis_there_is_none),
    };
    return cmocka_run_group_tests_name("crier", tests, NULL, NULL);
}
