// What is published in a channel of a real Redis reaches who has subscribed.
#include "lib/cache/redis/channels.h"

#include "lib/cache/redis/testing/server.h"

static redisContext *subscribe(const struct redis_server *server, const char *channel)
{
    redisContext *listener = redis_server_ask(server);
    redisReply *reply = redisCommand(listener, "SUBSCRIBE %s", channel);
    assert_non_null(reply);
    freeReplyObject(reply);
    return listener;
}

static void hears(redisContext *listener, const char *channel, const char *text)
{
    redisReply *reply;
    assert_int_equal(redisGetReply(listener, (void **)&reply), REDIS_OK);
    assert_int_equal(reply->elements, 3);
    assert_string_equal(reply->element[1]->str, channel);
    assert_string_equal(reply->element[2]->str, text);
    freeReplyObject(reply);
}

static void who_subscribed_hears_it_also_after_a_restart(void **state)
{
    struct redis_server server;
    struct channels *channels;
    struct err err;
    char url[128];
    (void)state;
    redis_server_open(&server, url);
    assert_true(channels_open(&channels, url, &err));
    redisContext *listener = subscribe(&server, "conse.one");
    assert_true(channels_publish(channels, "conse.other", "no", 2, &err));
    assert_true(channels_publish(channels, "conse.one", "first", 5, &err));
    hears(listener, "conse.one", "first");
    redisFree(listener);
    redis_server_kill(&server);
    assert_false(channels_publish(channels, "conse.one", "lost", 4, &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__SERVICE_AWAY);
    redis_server_start(&server, NULL);
    listener = subscribe(&server, "conse.one");
    assert_true(channels_publish(channels, "conse.one", "second", 6, &err));
    hears(listener, "conse.one", "second");
    redisFree(listener);
    channels_close(channels);
    redis_server_kill(&server);
    test_folder_remove(server.folder);
}

static void a_url_that_is_none_is_refused(void **state)
{
    struct channels *channels;
    struct err err;
    (void)state;
    assert_false(channels_open(&channels, "http://localhost", &err));
    assert_int_equal(err.reason, CONSE__REASON__VALUE__INVALID_FIELD);
    channels_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_subscribed_hears_it_also_after_a_restart),
        cmocka_unit_test(a_url_that_is_none_is_refused),
    };
    return cmocka_run_group_tests_name("channels", tests, NULL, NULL);
}
