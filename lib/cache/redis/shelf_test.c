// Values of one process that another one reads, on a real Redis.
#include "lib/cache/redis/shelf.h"

#include <sys/socket.h>

#include <sodium.h>

#include "lib/cache/redis/testing/server.h"

static const uint8_t KEY[SHELF_KEY] = {7}, OTHER_KEY[SHELF_KEY] = {8};

struct world {
    struct redis_server server;
    char url[128];
    struct shelf *a, *b;
};

static struct shelf *open_shelf(const struct world *world, const uint8_t *key)
{
    struct shelf *shelf;
    struct err err;
    if (!shelf_open(&shelf, world->url, key, &err)) fail_msg("%s", err.message);
    return shelf;
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_true(sodium_init() >= 0);
    redis_server_open(&world->server, world->url);
    world->a = open_shelf(world, KEY);
    world->b = open_shelf(world, KEY);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    shelf_close(world->a);
    shelf_close(world->b);
    redis_server_kill(&world->server);
    test_folder_remove(world->server.folder);
    free(world);
    return 0;
}

static long get(struct shelf *shelf, const char *name, char value[32])
{
    long len;
    struct err err;
    memset(value, 0, 32);
    if (!shelf_get(shelf, name, value, 31, &len, &err)) fail_msg("%s", err.message);
    return len;
}

static long take(struct shelf *shelf, const char *name, char value[32])
{
    long len;
    struct err err;
    memset(value, 0, 32);
    if (!shelf_take(shelf, name, value, 31, &len, &err)) fail_msg("%s", err.message);
    return len;
}

static void what_one_puts_another_reads_and_one_takes(void **state)
{
    struct world *world = *state;
    struct err err;
    char value[32];
    assert_int_equal(get(world->b, "x", value), -1);
    assert_true(shelf_put(world->a, "x", "tea", 3, 60000, &err));
    assert_int_equal(get(world->b, "x", value), 3);
    assert_string_equal(value, "tea");
    assert_int_equal(take(world->b, "x", value), 3);
    assert_string_equal(value, "tea");
    assert_int_equal(take(world->a, "x", value), -1);
    assert_int_equal(get(world->a, "x", value), -1);
}

static void it_is_gone_after_its_time(void **state)
{
    struct world *world = *state;
    struct err err;
    char value[32];
    int64_t until_ms = clock_mono_ms() + 10000;
    assert_true(shelf_put(world->a, "x", "tea", 3, 30, &err));
    while (get(world->b, "x", value) != -1 && clock_mono_ms() < until_ms)
        ;
    assert_int_equal(get(world->b, "x", value), -1);
}

static void redis_learns_neither_names_nor_values(void **state)
{
    struct world *world = *state;
    struct err err;
    char value[32];
    assert_true(shelf_put(world->a, "secret name", "secret value", 12, 60000, &err));
    redisContext *redis = redis_server_ask(&world->server);
    redisReply *keys = redisCommand(redis, "KEYS *");
    assert_int_equal(keys->elements, 1);
    assert_null(strstr(keys->element[0]->str, "secret"));
    redisReply *kept = redisCommand(redis, "GET %s", keys->element[0]->str);
    assert_null(memmem(kept->str, kept->len, "secret", 6));
    kept->str[kept->len - 1] ^= 1; // what was changed on the way counts as absent
    freeReplyObject(redisCommand(redis, "SET %s %b", keys->element[0]->str, kept->str, kept->len));
    assert_int_equal(get(world->b, "secret name", value), -1);
    freeReplyObject(keys);
    freeReplyObject(kept);
    redisFree(redis);
    struct shelf *other = open_shelf(world, OTHER_KEY);
    assert_true(shelf_put(world->a, "x", "tea", 3, 60000, &err));
    assert_int_equal(get(other, "x", value), -1);
    shelf_close(other);
}

static void a_redis_that_is_away_is_said_and_used_again(void **state)
{
    struct world *world = *state;
    struct err err;
    char value[32];
    long len;
    assert_true(shelf_put(world->a, "x", "tea", 3, 60000, &err));
    redis_server_kill(&world->server);
    assert_false(shelf_get(world->a, "x", value, 31, &len, &err));
    assert_true(err_is(&err, SERVICE_AWAY));
    assert_false(shelf_put(world->a, "x", "tea", 3, 60000, &err));
    redis_server_start(&world->server, NULL);
    int64_t until_ms = clock_mono_ms() + 10000;
    while (!shelf_get(world->a, "x", value, 31, &len, &err) && clock_mono_ms() < until_ms)
        ;
    assert_int_equal(get(world->a, "x", value), -1);
    assert_true(shelf_put(world->a, "x", "tea", 3, 60000, &err));
    assert_int_equal(take(world->b, "x", value), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_one_puts_another_reads_and_one_takes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_is_gone_after_its_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(redis_learns_neither_names_nor_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_redis_that_is_away_is_said_and_used_again, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
