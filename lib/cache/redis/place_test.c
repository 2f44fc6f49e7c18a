#include "lib/cache/redis/place.h"

#include "tests/test.h"

static struct redis_place parsed(const char *url)
{
    struct redis_place place;
    struct err err;
    if (!redis_place_parse(&place, url, &err)) fail_msg("%s: %s", url, err.message);
    return place;
}

static void a_host_has_a_port_and_a_database(void **state)
{
    (void)state;
    struct redis_place place = parsed("redis://cache.example:6380/3");
    assert_int_equal(place.kind, REDIS_HOST);
    assert_string_equal(place.host, "cache.example");
    assert_int_equal(place.port, 6380);
    assert_int_equal(place.database, 3);
    assert_string_equal(place.password, "");
    assert_int_equal(parsed("redis://127.0.0.1").port, 6379);
    assert_int_equal(parsed("redis://127.0.0.1/").database, 0);
    assert_string_equal(parsed("redis://[::1]:7000").host, "[::1]");
}

static void names_and_passwords_are_decoded(void **state)
{
    (void)state;
    struct redis_place place = parsed("redis://conse:p%40ss%2Fword@h");
    assert_string_equal(place.user, "conse");
    assert_string_equal(place.password, "p@ss/word");
    place = parsed("redis://:secret@h");
    assert_string_equal(place.user, "");
    assert_string_equal(place.password, "secret");
}

static void a_socket_is_a_path(void **state)
{
    (void)state;
    struct redis_place place = parsed("redis+unix:///run/redis/redis.sock?2");
    assert_int_equal(place.kind, REDIS_SOCKET);
    assert_string_equal(place.host, "/run/redis/redis.sock");
    assert_int_equal(place.database, 2);
    assert_string_equal(parsed("redis+unix://:secret@/run/r.sock").password, "secret");
}

static void sentinels_name_a_master(void **state)
{
    (void)state;
    struct redis_place place = parsed("redis+sentinel://:pw@sentinels/main/4");
    assert_int_equal(place.kind, REDIS_SENTINEL);
    assert_string_equal(place.host, "sentinels");
    assert_int_equal(place.port, 26379);
    assert_string_equal(place.master, "main");
    assert_int_equal(place.database, 4);
}

static void others_are_refused_without_their_password(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",
        "memcached://:hunter2@host",
        "redis://",
        "redis://:hunter2@host:0",
        "redis://:hunter2@host:70000",
        "redis://:hunter2@host/three",
        "redis://:hunter2@host/-1",
        "redis://user-hunter2@host",
        "redis://:hunter2%00@host",
        "redis+unix://:hunter2@",
        "redis+unix:///",
        "redis+sentinel://:hunter2@host",
        "redis+sentinel://:hunter2@host/main/x",
        "rediss://:hunter2@host",
    };
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct redis_place place;
        struct err err;
        if (redis_place_parse(&place, urls[i], &err)) fail_msg("%s is taken", urls[i]);
        assert_int_equal(err.reason, IS(INVALID_FIELD));
        assert_null(strstr(err.message, "hunter2"));
    }
    struct redis_place place;
    struct err err;
    assert_false(redis_place_parse(&place, "rediss://host", &err));
    assert_non_null(strstr(err.message, "TLS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_has_a_port_and_a_database),
        cmocka_unit_test(names_and_passwords_are_decoded),
        cmocka_unit_test(a_socket_is_a_path),
        cmocka_unit_test(sentinels_name_a_master),
        cmocka_unit_test(others_are_refused_without_their_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
