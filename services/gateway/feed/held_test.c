// Two processes count what they hold together, through a real Redis.
#include "services/gateway/feed/held.h"

#include "lib/cache/redis/testing/server.h"

enum { PATIENCE_MS = 10000, STEP_US = 20000, MOST = 8 };
static const uint8_t KEY[32] = {7};

struct world {
    struct redis_server server;
    char url[128];
    struct metrics *metrics[2];
    struct held_counts *a, *b; // two gateways
};

static void gateway_start(const struct world *world, struct held_counts **counts, struct metrics *metrics)
{
    struct err err;
    if (!held_create(counts, world->url, KEY, metrics, &err)) fail_msg("%s", err.message);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    redis_server_open(&world->server, world->url);
    for (int i = 0; i < 2; i++) world->metrics[i] = metrics_create();
    gateway_start(world, &world->a, world->metrics[0]);
    gateway_start(world, &world->b, world->metrics[1]);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    held_destroy(world->a);
    held_destroy(world->b);
    for (int i = 0; i < 2; i++) metrics_destroy(world->metrics[i]);
    redis_server_kill(&world->server);
    test_folder_remove(world->server.folder);
    free(world);
    return 0;
}

static void until_all(struct held_counts *counts, const char *name, int64_t all)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (held_all(counts, name) != all && clock_mono_ms() < until_ms) usleep(STEP_US);
    assert_int_equal(held_all(counts, name), all);
}

static void take(struct held_counts *counts, const char *name, int count)
{
    for (int i = 0; i < count; i++) assert_true(held_take(counts, name, MOST));
}

// The only name in Redis.
static void only_name(redisContext *redis, char name[64])
{
    redisReply *keys = redisCommand(redis, "KEYS *");
    assert_int_equal(keys->elements, 1);
    snprintf(name, 64, "%s", keys->element[0]->str);
    freeReplyObject(keys);
}

static void what_one_holds_counts_at_the_other(void **state)
{
    struct world *world = *state;
    take(world->a, "u:mira", 5);
    take(world->a, "u:arash", 1);
    until_all(world->b, "u:mira", 5);
    take(world->b, "u:mira", 3);
    assert_false(held_take(world->b, "u:mira", MOST));
    until_all(world->a, "u:mira", 8);
    assert_false(held_take(world->a, "u:mira", MOST));
    for (int i = 0; i < 5; i++) held_give(world->a, "u:mira");
    until_all(world->b, "u:mira", 3);
    take(world->b, "u:mira", 5);
    until_all(world->b, "u:arash", 1);
}

static void who_was_refused_is_let_in_when_the_others_leave(void **state)
{
    struct world *world = *state;
    take(world->a, "u:mira", MOST);
    until_all(world->b, "u:mira", MOST);
    assert_false(held_take(world->b, "u:mira", MOST));
    for (int i = 0; i < MOST; i++) held_give(world->a, "u:mira");
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS; // no more is asked than a client that comes again does
    bool taken = false;
    while (!taken && clock_mono_ms() < until_ms) taken = held_take(world->b, "u:mira", MOST), usleep(STEP_US);
    assert_true(taken);
}

static void what_a_dead_process_held_is_free_in_time(void **state)
{
    struct world *world = *state;
    char name[64];
    redisContext *redis = redis_server_ask(&world->server);
    take(world->a, "u:mira", 2);
    until_all(world->b, "u:mira", 2);
    only_name(redis, name);
    assert_null(strstr(name, "mira"));
    redisReply *now = redisCommand(redis, "TIME");
    long long now_ms = atoll(now->element[0]->str) * 1000;
    freeReplyObject(now);
    freeReplyObject(redisCommand(redis, "HSET %s dead 5:%lld", name, now_ms - 42000));
    until_all(world->b, "u:mira", 7);
    until_all(world->b, "u:mira", 2); // within four seconds it is 45 s ago
    redisReply *left = redisCommand(redis, "HEXISTS %s dead", name),
               *life = redisCommand(redis, "PTTL %s", name);
    assert_int_equal(left->integer, 0);
    assert_in_range(life->integer, 1, 45000);
    freeReplyObject(left);
    freeReplyObject(life);
    redisFree(redis);
}

static void without_the_place_each_goes_by_its_own(void **state)
{
    struct world *world = *state;
    take(world->a, "u:mira", 5);
    until_all(world->b, "u:mira", 5);
    redis_server_kill(&world->server);
    until_all(world->b, "u:mira", 0);
    take(world->b, "u:mira", MOST);
    assert_false(held_take(world->b, "u:mira", MOST));
    redis_server_start(&world->server, NULL); // it has forgotten all
    until_all(world->b, "u:mira", MOST);      // until the other says again what it holds
    held_give(world->a, "u:mira");
    until_all(world->b, "u:mira", MOST + 4);
}

static void what_nobody_shares_is_its_own(void **state)
{
    struct held_counts *counts;
    struct err err;
    (void)state;
    assert_true(held_create(&counts, NULL, NULL, NULL, &err));
    take(counts, "u:mira", MOST);
    assert_false(held_take(counts, "u:mira", MOST));
    assert_int_equal(held_all(counts, "u:arash"), 0);
    held_give(counts, "u:mira");
    take(counts, "u:mira", 1);
    assert_int_equal(held_all(counts, "u:mira"), MOST);
    held_destroy(counts);
}

static void a_place_that_is_none_is_refused(void **state)
{
    struct held_counts *counts;
    struct err err;
    (void)state;
    assert_false(held_create(&counts, "redis://", NULL, NULL, &err));
    assert_true(err_is(&err, INVALID_FIELD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_one_holds_counts_at_the_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_was_refused_is_let_in_when_the_others_leave, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_a_dead_process_held_is_free_in_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_the_place_each_goes_by_its_own, set_up, tear_down),
        cmocka_unit_test(what_nobody_shares_is_its_own),
        cmocka_unit_test(a_place_that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
