#include <pthread.h>

#include "services/gateway/http/connection_limit.h"
#include "tests/test.h"

static struct address parsed(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

static bool enter(struct connection_limit *connection_limit, const char *text)
{
    struct address address = parsed(text);
    bool room = connection_limit_check(connection_limit, &address) == CONNECTION_ROOM;
    assert_int_equal(connection_limit_enter(connection_limit, &address), room);
    return room;
}

static void leave(struct connection_limit *connection_limit, const char *text)
{
    struct address address = parsed(text);
    connection_limit_leave(connection_limit, &address);
}

static struct connection_limit *make(uint32_t most, uint32_t most_per_address)
{
    struct connection_limit *connection_limit;
    struct err err;
    assert_true(connection_limit_create(&connection_limit, most, most_per_address, &err));
    return connection_limit;
}

static void one_address_may_not_take_all(void **state)
{
    (void)state;
    struct connection_limit *connection_limit = make(100, 2);
    assert_true(enter(connection_limit, "192.0.2.1"));
    assert_true(enter(connection_limit, "192.0.2.1"));
    assert_false(enter(connection_limit, "192.0.2.1"));
    assert_false(enter(connection_limit, "::ffff:192.0.2.1"));
    assert_true(enter(connection_limit, "192.0.2.2"));
    leave(connection_limit, "192.0.2.1");
    assert_true(enter(connection_limit, "192.0.2.1"));
    assert_false(enter(connection_limit, "192.0.2.1"));
    connection_limit_destroy(connection_limit);
}

static void a_household_of_ipv6_is_one_address(void **state)
{
    (void)state;
    struct connection_limit *connection_limit = make(100, 2);
    assert_true(enter(connection_limit, "2001:db8:1:2::1"));
    assert_true(enter(connection_limit, "2001:db8:1:2:ffff::7"));
    assert_false(enter(connection_limit, "2001:db8:1:2:3:4:5:6"));
    assert_true(enter(connection_limit, "2001:db8:1:3::1"));
    connection_limit_destroy(connection_limit);
}

static void all_together_are_bounded_too(void **state)
{
    (void)state;
    struct connection_limit *connection_limit = make(3, 3);
    assert_true(enter(connection_limit, "192.0.2.1"));
    assert_true(enter(connection_limit, "192.0.2.2"));
    assert_true(connection_limit_enter(connection_limit, NULL));
    assert_false(enter(connection_limit, "192.0.2.3"));
    assert_int_equal(connection_limit_check(connection_limit, NULL), CONNECTION_FULL);
    assert_false(connection_limit_enter(connection_limit, NULL));
    connection_limit_leave(connection_limit, NULL);
    assert_true(enter(connection_limit, "192.0.2.3"));
    connection_limit_destroy(connection_limit);
}

static void who_is_not_counted_by_address_passes_its_bound(void **state)
{
    (void)state;
    struct connection_limit *connection_limit = make(10, 1);
    for (int i = 0; i < 10; i++) assert_true(connection_limit_enter(connection_limit, NULL));
    assert_false(connection_limit_enter(connection_limit, NULL));
    connection_limit_destroy(connection_limit);
}

// Room there is always: at most four are in at once.
static void *come_and_go(void *arg)
{
    for (int i = 0; i < 5000; i++)
        if (enter(arg, i % 2 ? "192.0.2.1" : "2001:db8::1")) leave(arg, i % 2 ? "192.0.2.1" : "2001:db8::1");
    return NULL;
}

static void threads_leave_no_count_behind(void **state)
{
    (void)state;
    struct connection_limit *connection_limit = make(100, 50);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, connection_limit), 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < 50; i++) assert_true(enter(connection_limit, "192.0.2.1"));
    for (int i = 0; i < 50; i++) assert_true(enter(connection_limit, "2001:db8::1"));
    assert_false(enter(connection_limit, "192.0.2.9"));
    connection_limit_destroy(connection_limit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_address_may_not_take_all),
        cmocka_unit_test(a_household_of_ipv6_is_one_address),
        cmocka_unit_test(all_together_are_bounded_too),
        cmocka_unit_test(who_is_not_counted_by_address_passes_its_bound),
        cmocka_unit_test(threads_leave_no_count_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
