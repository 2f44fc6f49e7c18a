#include "lib/cache/redis/exchange.h"

#include <sys/socket.h>

#include "lib/cache/redis/testing/server.h"

enum { CAP = 1 << 20, PATIENCE_MS = 10000, STEP_US = 20000 };
static const struct bucket slow = {100, 0.001}; // no tokens come back within a test
static const uint8_t KEY[32] = {7};

struct process {
    struct cache *cache;
    struct sharing *exchange;
    struct metrics *metrics;
};

struct world {
    struct redis_server server;
    struct process a, b; // two gateways
};

static void process_start(struct process *process, const char *url)
{
    struct err err;
    process->metrics = metrics_create();
    assert_true(cache_open(&process->cache, CAP, &err));
    const struct exchange_options options = {process->cache, url, KEY, process->metrics};
    if (!exchange_start(&process->exchange, &options, &err)) fail_msg("%s", err.message);
}

static void process_stop(struct process *process)
{
    sharing_stop(process->exchange);
    cache_close(process->cache);
    metrics_destroy(process->metrics);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    redis_server_make(&world->server);
    redis_server_start(&world->server, NULL);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    if (world->a.cache) process_stop(&world->a);
    if (world->b.cache) process_stop(&world->b);
    redis_server_kill(&world->server);
    test_folder_remove(world->server.folder);
    free(world);
    return 0;
}

static const char *socket_url(const struct world *world)
{
    static char url[128];
    snprintf(url, sizeof url, "redis+unix://%s", world->server.socket);
    return url;
}

static void start_both(struct world *world, const char *url)
{
    process_start(&world->a, url);
    process_start(&world->b, url);
}

static void draw(struct process *process, const char *key, double tokens)
{
    struct err err;
    struct bucket_state state;
    assert_true(cache_charge(process->cache, key, slow, tokens, &state, &err));
}

// What the bucket has, taking nothing.
static uint32_t left(struct process *process, const char *key)
{
    struct err err;
    struct bucket_state state;
    assert_true(cache_charge(process->cache, key, slow, 0, &state, &err));
    return state.remaining;
}

// A bucket learns of the others when it gives something: a little, again and again, less than a token in all.
static void until_left(struct process *process, const char *key, uint32_t most)
{
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (left(process, key) > most && clock_mono_ms() < until_ms)
        draw(process, key, 0.001), usleep(STEP_US);
    assert_in_range(left(process, key), most - 1, most);
}

static void what_one_gives_is_missing_at_the_other(void **state)
{
    struct world *world = *state;
    start_both(world, socket_url(world));
    draw(&world->a, "user", 30);
    draw(&world->b, "user", 20);
    draw(&world->b, "another", 5);
    until_left(&world->a, "user", 50);
    until_left(&world->b, "user", 50);
    assert_int_equal(left(&world->b, "another"), 95);
}

static void a_restarted_server_gets_the_script_again(void **state)
{
    struct world *world = *state;
    start_both(world, socket_url(world));
    draw(&world->a, "user", 10);
    until_left(&world->b, "user", 90);
    redis_server_kill(&world->server);
    draw(&world->a, "user", 40);                      // each goes on by itself
    assert_in_range(left(&world->a, "user"), 49, 50); // it may have been told what the other drew
    redis_server_start(&world->server, NULL);         // and has forgotten all
    until_left(&world->b, "user", 60);                // what was drawn while it was away is told
}

static void a_server_that_hangs_stops_nobody(void **state)
{
    struct world *world = *state;
    process_start(&world->a, socket_url(world));
    kill(world->server.pid, SIGSTOP);
    draw(&world->a, "user", 10);
    draw(&world->a, "user", 10);
    assert_int_equal(left(&world->a, "user"), 80);
    kill(world->server.pid, SIGCONT);
    process_start(&world->b, socket_url(world));
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS; // what was told without an answer may count twice
    while (left(&world->b, "user") > 80 && clock_mono_ms() < until_ms)
        draw(&world->b, "user", 0.001), usleep(STEP_US);
    assert_in_range(left(&world->b, "user"), 0, 80);
}

static void names_in_redis_are_hashes_and_end(void **state)
{
    struct world *world = *state;
    process_start(&world->a, socket_url(world));
    draw(&world->a, "203.0.113.7", 10);
    redisContext *redis = redis_server_ask(&world->server);
    redisReply *keys = NULL;
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while ((!keys || keys->elements == 0) && clock_mono_ms() < until_ms) {
        freeReplyObject(keys);
        keys = redisCommand(redis, "KEYS *");
        usleep(STEP_US);
    }
    if (!keys) return assert_non_null(keys);
    assert_int_equal(keys->elements, 1);
    assert_null(strstr(keys->element[0]->str, "203"));
    redisReply *life = redisCommand(redis, "PTTL %s", keys->element[0]->str);
    assert_in_range(life->integer, 1, 10 * 1000 * 1000 + 1000);
    freeReplyObject(life);
    freeReplyObject(keys);
    redisFree(redis);
}

static void many_buckets_go_in_several_calls(void **state)
{
    struct world *world = *state;
    char key[16];
    start_both(world, socket_url(world));
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof key, "user%d", i);
        draw(&world->a, key, 10);
    }
    redisContext *redis = redis_server_ask(&world->server);
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS, size = 0;
    while (size != 1000 && clock_mono_ms() < until_ms) {
        redisReply *reply = redisCommand(redis, "DBSIZE");
        size = reply->integer;
        freeReplyObject(reply);
        usleep(STEP_US);
    }
    assert_int_equal(size, 1000);
    redisFree(redis);
    until_left(&world->b, "user999", 90);
}

// ---- Where it is

static void a_password_and_a_database_are_used(void **state)
{
    struct world *world = *state;
    char url[128];
    redisContext *redis = redis_server_ask(&world->server);
    freeReplyObject(redisCommand(redis, "ACL SETUSER conse on >s3cret ~conse:* +@all"));
    freeReplyObject(redisCommand(redis, "CONFIG SET requirepass other"));
    freeReplyObject(redisCommand(redis, "AUTH other"));
    snprintf(url, sizeof url, "redis://conse:s3cret@127.0.0.1:%s/2", world->server.port);
    start_both(world, url);
    draw(&world->a, "user", 10);
    until_left(&world->b, "user", 90);
    freeReplyObject(redisCommand(redis, "SELECT 2"));
    redisReply *size = redisCommand(redis, "DBSIZE");
    assert_int_equal(size->integer, 1);
    freeReplyObject(size);
    redisFree(redis);
}

static void a_wrong_password_shares_nothing_and_stops_nobody(void **state)
{
    struct world *world = *state;
    char url[128];
    redisContext *redis = redis_server_ask(&world->server);
    freeReplyObject(redisCommand(redis, "CONFIG SET requirepass right"));
    redisFree(redis);
    snprintf(url, sizeof url, "redis://:wrong@127.0.0.1:%s", world->server.port);
    process_start(&world->a, url);
    draw(&world->a, "user", 10);
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    struct metric *failed = metrics_counter(world->a.metrics, "conse_cache_exchanges_total",
                                            "Exchanges with other processes through the cache.",
                                            "what=\"limits\",result=\"failed\"");
    while (!metric_value(failed) && clock_mono_ms() < until_ms) usleep(STEP_US);
    assert_true(metric_value(failed) > 0);
    assert_int_equal(left(&world->a, "user"), 90);
}

static void a_sentinel_leads_to_its_master(void **state)
{
    struct world *world = *state;
    struct redis_server sentinel = {0};
    char config[64], url[128];
    redis_server_make(&sentinel);
    snprintf(config, sizeof config, "%s/sentinel.conf", sentinel.folder);
    FILE *file = fopen(config, "w");
    fprintf(file, "port %s\nbind 127.0.0.1\nunixsocket %s\ndir %s\nsentinel monitor main 127.0.0.1 %s 1\n",
            sentinel.port, sentinel.socket, sentinel.folder, world->server.port);
    fclose(file);
    sentinel.pid = fork();
    if (sentinel.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (!freopen("/dev/null", "w", stdout)) _exit(1);
        execlp("redis-server", "redis-server", config, "--sentinel", (char *)NULL);
        _exit(127);
    }
    int64_t until_ms = clock_mono_ms() + PATIENCE_MS;
    while (!redis_answers(&sentinel) && clock_mono_ms() < until_ms) usleep(STEP_US);
    snprintf(url, sizeof url, "redis+sentinel://127.0.0.1:%s/main", sentinel.port);
    start_both(world, url);
    draw(&world->a, "user", 10);
    until_left(&world->b, "user", 90);
    redis_server_kill(&sentinel);
    test_folder_remove(sentinel.folder);
}

static void a_url_that_is_none_does_not_start(void **state)
{
    (void)state;
    struct cache *cache;
    struct sharing *exchange;
    struct err err;
    assert_true(cache_open(&cache, CAP, &err));
    const struct exchange_options options = {.cache = cache, .url = "redis://"};
    assert_false(exchange_start(&exchange, &options, &err));
    assert_int_equal(err.reason, IS(INVALID_FIELD));
    cache_close(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_one_gives_is_missing_at_the_other),
        TEST(a_restarted_server_gets_the_script_again),
        TEST(a_server_that_hangs_stops_nobody),
        TEST(names_in_redis_are_hashes_and_end),
        TEST(many_buckets_go_in_several_calls),
        TEST(a_password_and_a_database_are_used),
        TEST(a_wrong_password_shares_nothing_and_stops_nobody),
        TEST(a_sentinel_leads_to_its_master),
        cmocka_unit_test(a_url_that_is_none_does_not_start),
    };
    signal(SIGPIPE, SIG_IGN); // as in a service
    return cmocka_run_group_tests(tests, NULL, NULL);
}
