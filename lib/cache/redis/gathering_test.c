// What several processes say of one thing, and what the first one keeps, on a real Redis.
#include "lib/cache/redis/gathering.h"

#include <sodium.h>

#include "lib/cache/redis/testing/server.h"

static const uint8_t KEY[32] = {7}, OTHER_KEY[32] = {8};

enum { LIFE_MS = 60000 };

struct world {
    struct redis_server server;
    char url[128];
    struct gathering *a, *b;
};

static struct gathering *open_gathering(const struct world *world, const uint8_t *key)
{
    struct gathering *gathering;
    struct err err;
    if (!gathering_open(&gathering, world->url, key, &err)) fail_msg("%s", err.message);
    return gathering;
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_true(sodium_init() >= 0);
    redis_server_open(&world->server, world->url);
    world->a = open_gathering(world, KEY);
    world->b = open_gathering(world, KEY);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    gathering_close(world->a);
    gathering_close(world->b);
    redis_server_kill(&world->server);
    test_folder_remove(world->server.folder);
    free(world);
    return 0;
}

struct heard {
    char text[64];
    size_t count, longest;
};

static void hear(void *arg, const void *bytes, size_t len)
{
    struct heard *heard = arg;
    heard->count++;
    if (len > heard->longest) heard->longest = len;
    if (len < sizeof heard->text) memcpy(heard->text, bytes, len), heard->text[len] = 0;
}

static struct heard told(struct gathering *gathering, const char *name, const char *text, int64_t life_ms)
{
    const struct gathering_part own = {text, strlen(text), life_ms};
    struct heard heard = {.count = 0};
    struct err err;
    if (!gathering_tell(gathering, name, &own, hear, &heard, &err)) fail_msg("%s", err.message);
    return heard;
}

static void each_hears_the_others(void **state)
{
    struct world *world = *state;
    assert_int_equal(told(world->a, "x", "tea", LIFE_MS).count, 0);
    assert_string_equal(told(world->b, "x", "milk", LIFE_MS).text, "tea");
    assert_string_equal(told(world->a, "x", "more tea", LIFE_MS).text, "milk");
    assert_int_equal(told(world->a, "y", "tea", LIFE_MS).count, 0);
    assert_int_equal(told(world->b, "x", "", LIFE_MS).count, 1);
    assert_int_equal(told(world->a, "x", "", LIFE_MS).count, 0);
}

static void who_is_silent_is_forgotten(void **state)
{
    struct world *world = *state;
    int64_t until_ms = clock_mono_ms() + 10000;
    told(world->a, "x", "tea", 50);
    while (told(world->b, "x", "milk", 50).count) assert_true(clock_mono_ms() < until_ms);
}

static void bytes_come_as_they_are(void **state)
{
    static uint8_t bytes[GATHERING_PART];
    struct world *world = *state;
    const struct gathering_part own = {bytes, sizeof bytes, LIFE_MS};
    struct heard heard = {.count = 0};
    struct err err;
    randombytes_buf(bytes, sizeof bytes);
    assert_true(gathering_tell(world->a, "x", &own, hear, &heard, &err));
    assert_int_equal(told(world->b, "x", "", LIFE_MS).longest, sizeof bytes);
}

static void who_has_another_key_hears_nothing(void **state)
{
    struct world *world = *state;
    struct gathering *other = open_gathering(world, OTHER_KEY);
    told(world->a, "x", "tea", LIFE_MS);
    assert_int_equal(told(other, "x", "milk", LIFE_MS).count, 0);
    gathering_close(other);
}

static long keep(struct gathering *gathering, const char *text, char value[32])
{
    const struct gathering_part own = {text, strlen(text), LIFE_MS};
    struct err err;
    long len;
    memset(value, 0, 32);
    if (!gathering_keep(gathering, "x", &own, value, 31, &len, &err)) fail_msg("%s", err.message);
    return len;
}

static void the_first_one_keeps_for_all(void **state)
{
    struct world *world = *state;
    char value[32];
    assert_int_equal(keep(world->a, "", value), -1);
    assert_int_equal(keep(world->b, "milk", value), 4);
    assert_int_equal(keep(world->a, "tea", value), 4);
    assert_string_equal(value, "milk");
    assert_int_equal(keep(world->a, "", value), 4);
}

static void a_redis_that_is_away_is_said_to_be(void **state)
{
    struct world *world = *state;
    const struct gathering_part own = {"tea", 3, LIFE_MS};
    struct heard heard = {.count = 0};
    struct err err;
    char value[8];
    long len;
    told(world->a, "x", "tea", LIFE_MS);
    redis_server_kill(&world->server);
    assert_false(gathering_tell(world->a, "x", &own, hear, &heard, &err));
    assert_true(err_is(&err, SERVICE_AWAY));
    assert_false(gathering_keep(world->a, "x", &own, value, sizeof value, &len, &err));
    redis_server_start(&world->server, NULL);
    assert_int_equal(told(world->a, "x", "tea", LIFE_MS).count, 0);
}

int main(void)
{
#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_WORLD(each_hears_the_others),       IN_WORLD(who_is_silent_is_forgotten),
        IN_WORLD(bytes_come_as_they_are),      IN_WORLD(who_has_another_key_hears_nothing),
        IN_WORLD(the_first_one_keeps_for_all), IN_WORLD(a_redis_that_is_away_is_said_to_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
