#include "services/gateway/feed/quota.h"

#include <sodium.h>

#include "tests/test.h"

static void there_are_so_many_and_no_more(void **state)
{
    const struct feed_limits limits = {6, 2, 3, 4};
    struct feed_quota *quota = NULL;
    struct err err;
    (void)state;
    assert_true(sodium_init() >= 0 && feed_quota_create(&quota, &limits, NULL, &err));
    for (int i = 0; i < 2; i++) assert_true(feed_quota_take(quota, true, "u", &err));
    assert_false(feed_quota_take(quota, true, "u", &err));
    assert_true(err_is(&err, TOO_MANY_STREAMS) && err.retry_after_s > 0);
    for (int i = 0; i < 3; i++) assert_true(feed_quota_take(quota, false, "a", &err));
    assert_false(feed_quota_take(quota, false, "a", &err));
    feed_quota_seat(quota, "a", true); // a venue
    assert_true(feed_quota_take(quota, false, "a", &err));
    assert_false(feed_quota_take(quota, false, "b", &err));
    assert_true(err_is(&err, SERVICE_BUSY));
    assert_false(feed_quota_has_place(quota, &err));
    assert_true(err_is(&err, SERVICE_BUSY) && err.retry_after_s > 0);
    feed_quota_give(quota, true, "u");
    assert_true(feed_quota_has_place(quota, &err));
    assert_true(feed_quota_take(quota, true, "u", &err));
    feed_quota_seat(quota, "a", false);
    for (int i = 0; i < 4; i++) feed_quota_give(quota, false, "a");
    for (int i = 0; i < 2; i++) feed_quota_give(quota, true, "u");
    feed_quota_destroy(quota);
}

// One user, or one address, does not take all waits, nor all places of those that begin.
static void waits_and_strangers_have_shares_of_their_own(void **state)
{
    const struct feed_limits limits = {6, 2, 3, 4};
    struct feed_quota *quota = NULL;
    struct err err;
    (void)state;
    assert_true(feed_quota_create(&quota, &limits, NULL, &err));
    for (int i = 0; i < 2; i++) assert_true(feed_quota_take(quota, true, "u", &err));
    for (int i = 0; i < 2; i++) assert_true(feed_quota_take_wait(quota, true, "u"));
    assert_false(feed_quota_take_wait(quota, true, "u"));
    assert_true(feed_quota_take_wait(quota, true, "v"));
    for (int i = 0; i < 3; i++) assert_true(feed_quota_take_wait(quota, false, "a"));
    assert_false(feed_quota_take_wait(quota, false, "a"));
    feed_quota_give_wait(quota, true, "u");
    assert_true(feed_quota_take_wait(quota, true, "u"));
    for (int i = 0; i < 4; i++) assert_true(feed_quota_take_stranger(quota, "a", &err));
    assert_false(feed_quota_take_stranger(quota, "a", &err));
    assert_true(err_is(&err, TOO_MANY_STREAMS) && err.retry_after_s > 0);
    assert_true(feed_quota_take_stranger(quota, "b", &err));
    feed_quota_give_stranger(quota, "a");
    assert_true(feed_quota_take_stranger(quota, "a", &err));
    feed_quota_destroy(quota);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_so_many_and_no_more),
        cmocka_unit_test(waits_and_strangers_have_shares_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
