#include "lib/cache/buckets.h"

#include <math.h>

#include "lib/base/clock.h"
#include "tests/test.h"

enum { CAP = 64 * 1024 };
static const struct bucket ten = {10, 1};

static int set_up(void **state)
{
    struct cache *cache;
    struct err err;
    if (!cache_open(&cache, CAP, &err)) return -1;
    cache_exchange(cache);
    clock_hold_mono(1000);
    *state = cache;
    return 0;
}

static int tear_down(void **state)
{
    clock_hold_mono(-1);
    cache_close(*state);
    return 0;
}

static struct bucket_state take(struct cache *cache, const char *key)
{
    struct err err;
    struct bucket_state state;
    assert_true(cache_take(cache, key, ten, &state, &err));
    return state;
}

static uint32_t left_after_one(struct cache *cache, const char *key) { return take(cache, key).remaining; }

static struct cache_drawn only_drawn(struct cache *cache)
{
    struct cache_drawn drawn[2];
    assert_int_equal(cache_drawn(cache, drawn, 2), 1);
    return drawn[0];
}

static void what_was_drawn_is_told_once(void **state)
{
    struct cache_drawn drawn[4];
    for (int i = 0; i < 3; i++) take(*state, "a");
    take(*state, "b");
    assert_int_equal(cache_drawn(*state, drawn, 4), 2);
    assert_string_equal(drawn[0].key, "b");
    assert_string_equal(drawn[1].key, "a");
    assert_true(drawn[0].tokens == 1 && drawn[1].tokens == 3);
    assert_true(drawn[1].bucket.burst == 10 && drawn[1].bucket.per_second == 1);
    assert_int_equal(cache_drawn(*state, drawn, 4), 0);
    take(*state, "a");
    assert_true(only_drawn(*state).tokens == 1);
}

static void a_full_answer_leaves_the_rest_for_the_next(void **state)
{
    struct cache_drawn drawn[1];
    take(*state, "a"), take(*state, "b");
    assert_int_equal(cache_drawn(*state, drawn, 1), 1);
    assert_string_equal(drawn[0].key, "b");
    assert_int_equal(cache_drawn(*state, drawn, 1), 1);
    assert_string_equal(drawn[0].key, "a");
}

static void what_others_drew_is_missing_here(void **state)
{
    take(*state, "a");
    struct cache_drawn drawn = only_drawn(*state);
    cache_settle(*state, &drawn, 4);
    assert_int_equal(left_after_one(*state, "a"), 3);
}

static void what_was_drawn_meanwhile_counts(void **state)
{
    take(*state, "a");
    struct cache_drawn drawn = only_drawn(*state);
    take(*state, "a"), take(*state, "a");
    cache_settle(*state, &drawn, 9);
    assert_int_equal(left_after_one(*state, "a"), 6);
    assert_true(only_drawn(*state).tokens == 3);
}

static void a_sum_above_the_bucket_is_a_full_bucket(void **state)
{
    take(*state, "a");
    struct cache_drawn drawn = only_drawn(*state);
    cache_settle(*state, &drawn, 1e9);
    assert_int_equal(left_after_one(*state, "a"), 9);
}

static void what_did_not_arrive_is_told_again(void **state)
{
    take(*state, "a"), take(*state, "a");
    struct cache_drawn drawn = only_drawn(*state);
    take(*state, "a");
    cache_tell_again(*state, &drawn);
    assert_true(only_drawn(*state).tokens == 3);
    assert_int_equal(left_after_one(*state, "a"), 6); // and was given once
}

static void a_bucket_that_is_full_again_is_told_too(void **state)
{
    take(*state, "a");
    clock_hold_mono(1000 + 1500);
    assert_true(only_drawn(*state).tokens == 1);
}

static void a_bucket_that_had_to_go_is_not_told(void **state)
{
    struct cache_drawn drawn[1];
    struct err err;
    take(*state, "a");
    assert_true(cache_set(*state, "large", (char[CAP - 120]){0}, CAP - 120, 1000000, &err));
    assert_int_equal(cache_drawn(*state, drawn, 1), 0);
}

static void a_charge_tells_what_the_bucket_gave(void **state)
{
    struct err err;
    struct bucket_state left;
    assert_true(cache_charge(*state, "a", ten, 50, &left, &err));
    assert_true(only_drawn(*state).tokens == 20); // to a debt of a full bucket
}

static void long_keys_stay_here(void **state)
{
    struct cache_drawn drawn[1];
    char key[CACHE_DRAWN_KEY + 1];
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = 0;
    take(*state, key);
    assert_int_equal(cache_drawn(*state, drawn, 1), 0);
    key[CACHE_DRAWN_KEY - 1] = 0;
    take(*state, key);
    assert_int_equal(cache_drawn(*state, drawn, 1), 1);
}

static void nothing_is_kept_for_telling_when_nobody_asks(void **state)
{
    (void)state;
    struct cache *cache;
    struct cache_drawn drawn[1];
    struct err err;
    assert_true(cache_open(&cache, CAP, &err));
    take(cache, "a");
    assert_int_equal(cache_drawn(cache, drawn, 1), 0);
    cache_close(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_drawn_is_told_once),
        TEST(a_full_answer_leaves_the_rest_for_the_next),
        TEST(what_others_drew_is_missing_here),
        TEST(what_was_drawn_meanwhile_counts),
        TEST(a_sum_above_the_bucket_is_a_full_bucket),
        TEST(what_did_not_arrive_is_told_again),
        TEST(a_bucket_that_is_full_again_is_told_too),
        TEST(a_bucket_that_had_to_go_is_not_told),
        TEST(a_charge_tells_what_the_bucket_gave),
        TEST(long_keys_stay_here),
        TEST(nothing_is_kept_for_telling_when_nobody_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
