#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>

#include "services/gateway/http/turnstile.h"

static struct address parsed(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

static bool enter(struct turnstile *turnstile, const char *text)
{
    struct address address = parsed(text);
    bool room = turnstile_check(turnstile, &address);
    assert_int_equal(turnstile_enter(turnstile, &address), room);
    return room;
}

static void leave(struct turnstile *turnstile, const char *text)
{
    struct address address = parsed(text);
    turnstile_leave(turnstile, &address);
}

static struct turnstile *make(uint32_t most, uint32_t most_per_address)
{
    struct turnstile *turnstile;
    struct err err;
    assert_true(turnstile_create(&turnstile, most, most_per_address, &err));
    return turnstile;
}

static void one_address_may_not_take_all(void **state)
{
    (void)state;
    struct turnstile *turnstile = make(100, 2);
    assert_true(enter(turnstile, "192.0.2.1"));
    assert_true(enter(turnstile, "192.0.2.1"));
    assert_false(enter(turnstile, "192.0.2.1"));
    assert_false(enter(turnstile, "::ffff:192.0.2.1"));
    assert_true(enter(turnstile, "192.0.2.2"));
    leave(turnstile, "192.0.2.1");
    assert_true(enter(turnstile, "192.0.2.1"));
    assert_false(enter(turnstile, "192.0.2.1"));
    turnstile_destroy(turnstile);
}

static void a_household_of_ipv6_is_one_address(void **state)
{
    (void)state;
    struct turnstile *turnstile = make(100, 2);
    assert_true(enter(turnstile, "2001:db8:1:2::1"));
    assert_true(enter(turnstile, "2001:db8:1:2:ffff::7"));
    assert_false(enter(turnstile, "2001:db8:1:2:3:4:5:6"));
    assert_true(enter(turnstile, "2001:db8:1:3::1"));
    turnstile_destroy(turnstile);
}

static void all_together_are_bounded_too(void **state)
{
    (void)state;
    struct turnstile *turnstile = make(3, 3);
    assert_true(enter(turnstile, "192.0.2.1"));
    assert_true(enter(turnstile, "192.0.2.2"));
    assert_true(turnstile_enter(turnstile, NULL));
    assert_false(enter(turnstile, "192.0.2.3"));
    assert_false(turnstile_check(turnstile, NULL));
    assert_false(turnstile_enter(turnstile, NULL));
    turnstile_leave(turnstile, NULL);
    assert_true(enter(turnstile, "192.0.2.3"));
    turnstile_destroy(turnstile);
}

static void who_is_not_counted_by_address_passes_its_bound(void **state)
{
    (void)state;
    struct turnstile *turnstile = make(10, 1);
    for (int i = 0; i < 10; i++) assert_true(turnstile_enter(turnstile, NULL));
    assert_false(turnstile_enter(turnstile, NULL));
    turnstile_destroy(turnstile);
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
    struct turnstile *turnstile = make(100, 50);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, turnstile), 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < 50; i++) assert_true(enter(turnstile, "192.0.2.1"));
    for (int i = 0; i < 50; i++) assert_true(enter(turnstile, "2001:db8::1"));
    assert_false(enter(turnstile, "192.0.2.9"));
    turnstile_destroy(turnstile);
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
