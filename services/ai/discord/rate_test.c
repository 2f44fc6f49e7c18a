// Discord's limits, as its answers tell them.
#include "services/ai/discord/rate.h"

#include "tests/test.h"

static struct rate *rate;
static const struct rate_place channel_a = {0, "a", true}, channel_b = {0, "b", true},
                               hook = {1, "token", false};

static int set_up(void **state)
{
    (void)state;
    return (rate = rate_create()) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rate_destroy(rate);
    return 0;
}

static struct rate_told told(long status, int64_t limit, int64_t remaining, int64_t reset_ms)
{
    return (struct rate_told){
        .status = status, .bucket = "x1", .limit = limit, .remaining = remaining, .reset_after_ms = reset_ms};
}

static void what_was_told_is_waited_for(void **state)
{
    struct rate_told says = told(200, 2, 0, 500);
    (void)state;
    assert_int_equal(rate_take(rate, &channel_a, 1000), 0); // nothing was told yet
    rate_learn(rate, &channel_a, &says, 1000);
    assert_int_equal(rate_take(rate, &channel_a, 1100), 400);
    assert_int_equal(rate_take(rate, &channel_b, 1100), 0); // another channel has a bucket of its own
    assert_int_equal(rate_take(rate, &channel_a, 1500), 0); // and then it is full
    assert_int_equal(rate_take(rate, &channel_a, 1500), 0);
    assert_true(rate_take(rate, &channel_a, 1500) > 0);
}

static void an_older_answer_gives_nothing_back(void **state)
{
    struct rate_told one = told(200, 5, 1, 500), three = told(200, 5, 3, 500);
    (void)state;
    rate_learn(rate, &channel_a, &one, 1000);
    rate_learn(rate, &channel_a, &three, 1000); // was answered before, and came later
    assert_int_equal(rate_take(rate, &channel_a, 1000), 0);
    assert_true(rate_take(rate, &channel_a, 1000) > 0);
}

static void a_refusal_stops_its_bucket_or_all(void **state)
{
    struct rate_told of_user = {.status = 429, .limit = -1, .remaining = -1, .retry_after_ms = 300};
    struct rate_told of_all = of_user;
    (void)state;
    rate_learn(rate, &channel_a, &of_user, 1000);
    assert_int_equal(rate_take(rate, &channel_a, 1000), 300);
    assert_int_equal(rate_take(rate, &channel_b, 1000), 0);
    of_all.scope = RATE_OF_ALL;
    rate_learn(rate, &channel_a, &of_all, 1000);
    assert_int_equal(rate_take(rate, &channel_b, 1100), 200);
    assert_int_equal(rate_take(rate, &hook, 1100), 200);
    assert_int_equal(rate_take(rate, &channel_b, 1300), 0);
}

static void fifty_a_second_go_out_without_those_by_token(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++) {
        char major[8];
        snprintf(major, sizeof major, "%d", i);
        const struct rate_place place = {0, major, true};
        assert_int_equal(rate_take(rate, &place, 5000 + i), 0);
    }
    assert_int_equal(rate_take(rate, &channel_a, 5100), 900);
    assert_int_equal(rate_take(rate, &hook, 5100), 0);
    assert_int_equal(rate_take(rate, &channel_a, 6000), 0);
}

static void fifty_refusals_in_a_minute_stop_all_for_one(void **state)
{
    struct rate_told forbidden = told(403, -1, -1, 0), shared = {.status = 429,
                                                                 .limit = -1,
                                                                 .remaining = -1,
                                                                 .retry_after_ms = 1,
                                                                 .scope = RATE_OF_SHARED};
    (void)state;
    for (int i = 0; i < 200; i++) rate_learn(rate, &channel_b, &shared, 1000); // count for nothing
    for (int i = 0; i < 49; i++) rate_learn(rate, &channel_a, &forbidden, 1000);
    assert_int_equal(rate_take(rate, &channel_a, 2000), 0);
    rate_learn(rate, &channel_a, &forbidden, 2000);
    assert_int_equal(rate_take(rate, &channel_a, 3000), 59000);
    assert_int_equal(rate_take(rate, &hook, 3000), 59000);
    assert_int_equal(rate_take(rate, &hook, 62000), 0);
    for (int i = 0; i < 100; i++) rate_learn(rate, &channel_a, &forbidden, 100000 + i * 2000); // slowly
    assert_int_equal(rate_take(rate, &channel_a, 310000), 0);
}

// Tokens of interactions have some 200 characters.
static void a_long_major_has_one_bucket(void **state)
{
    struct rate_told refused = {.status = 429, .limit = -1, .remaining = -1, .retry_after_ms = 300};
    char one[256], other[256];
    (void)state;
    memset(one, 'a', sizeof one);
    one[sizeof one - 1] = 0;
    strcpy(other, one);
    other[sizeof other - 2] = 'b';
    const struct rate_place first = {1, one, false}, second = {1, other, false};
    rate_learn(rate, &first, &refused, 1000);
    assert_int_equal(rate_take(rate, &first, 1000), 300);
    assert_int_equal(rate_take(rate, &second, 1000), 0);
}

static void seconds_are_read_whatever_they_say(void **state)
{
    (void)state;
    assert_int_equal(rate_ms("1.5"), 1501);
    assert_int_equal(rate_ms("0"), 1);
    assert_int_equal(rate_ms(""), 0);
    assert_int_equal(rate_ms("-3"), 0);
    assert_int_equal(rate_ms("nan"), 0);
    assert_int_equal(rate_ms("1e300"), 86400000);
}

static void many_buckets_lose_the_oldest(void **state)
{
    struct rate_told empty = told(200, 1, 0, 100000);
    (void)state;
    for (int i = 0; i < 1000; i++) {
        char major[8];
        snprintf(major, sizeof major, "%d", i);
        const struct rate_place place = {0, major, false};
        rate_learn(rate, &place, &empty, 1000 + i);
    }
    const struct rate_place first = {0, "0", false}, last = {0, "999", false};
    assert_int_equal(rate_take(rate, &first, 3000), 0);
    assert_true(rate_take(rate, &last, 3000) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_told_is_waited_for),
        TEST(an_older_answer_gives_nothing_back),
        TEST(a_refusal_stops_its_bucket_or_all),
        TEST(fifty_a_second_go_out_without_those_by_token),
        TEST(fifty_refusals_in_a_minute_stop_all_for_one),
        TEST(a_long_major_has_one_bucket),
        TEST(seconds_are_read_whatever_they_say),
        TEST(many_buckets_lose_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
