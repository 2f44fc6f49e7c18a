#include "lib/cache/cache.h"

#include "lib/base/clock.h"

#include <pthread.h>

#include "tests/test.h"

enum { CAP = 64 * 1024 };

static int set_up(void **state)
{
    struct cache *cache;
    struct err err;
    if (!cache_open(&cache, CAP, &err)) return -1;
    *state = cache;
    return 0;
}

static int tear_down(void **state)
{
    clock_hold_mono(-1);
    cache_close(*state);
    return 0;
}

// Each at a time of its own.

static void set_at(struct cache *cache, const char *key, const void *value, size_t len, int64_t now_ms,
                   int64_t ttl_ms)
{
    struct err err;
    clock_hold_mono(now_ms);
    assert_true(cache_set(cache, key, value, len, ttl_ms, &err));
}

static long get_at(struct cache *cache, const char *key, void *value, size_t size, int64_t now_ms)
{
    struct err err;
    long len;
    clock_hold_mono(now_ms);
    assert_true(cache_get(cache, key, value, size, &len, &err));
    return len;
}

static void delete_now(struct cache *cache, const char *key)
{
    struct err err;
    assert_true(cache_delete(cache, key, &err));
}

static bool add_at(struct cache *cache, const char *key, int64_t now_ms, int64_t ttl_ms)
{
    struct err err;
    bool first;
    clock_hold_mono(now_ms);
    assert_true(cache_add(cache, key, ttl_ms, &first, &err));
    return first;
}

static int64_t count_at(struct cache *cache, const char *key, int64_t by, int64_t now_ms, int64_t ttl_ms)
{
    struct err err;
    int64_t value;
    clock_hold_mono(now_ms);
    assert_true(cache_count(cache, key, by, ttl_ms, &value, &err));
    return value;
}

static struct bucket_state take_at(struct cache *cache, const char *key, struct bucket bucket, int64_t now_ms)
{
    struct err err;
    struct bucket_state state;
    clock_hold_mono(now_ms);
    assert_true(cache_take(cache, key, bucket, &state, &err));
    return state;
}

static struct bucket_state charge_at(struct cache *cache, const char *key, struct bucket bucket,
                                     double tokens, int64_t now_ms)
{
    struct err err;
    struct bucket_state state;
    clock_hold_mono(now_ms);
    assert_true(cache_charge(cache, key, bucket, tokens, &state, &err));
    return state;
}

static const char *get(struct cache *cache, const char *key, int64_t now_ms)
{
    static char text[64];
    long len = get_at(cache, key, text, sizeof text - 1, now_ms);
    if (len < 0) return NULL;
    text[(size_t)len < sizeof text ? (size_t)len : sizeof text - 1] = 0;
    return text;
}

static void set(struct cache *cache, const char *key, const char *text, int64_t now_ms, int64_t ttl_ms)
{
    set_at(cache, key, text, strlen(text), now_ms, ttl_ms);
}

// ---- Values

static void a_value_lives_until_its_end(void **state)
{
    struct cache *cache = *state;
    set(cache, "a", "one", 1000, 50);
    assert_string_equal(get(cache, "a", 1000), "one");
    assert_string_equal(get(cache, "a", 1049), "one");
    assert_null(get(cache, "a", 1050));
    assert_null(get(cache, "a", 1000)); // gone, not hidden
    assert_null(get(cache, "b", 1000));
}

static void setting_again_replaces_value_and_life(void **state)
{
    struct cache *cache = *state;
    set(cache, "a", "one", 1000, 50);
    set(cache, "a", "another", 1040, 50);
    assert_string_equal(get(cache, "a", 1060), "another");
    set(cache, "a", "", 1060, 50);
    assert_string_equal(get(cache, "a", 1061), "");
    set(cache, "a", "never", 1061, 0);
    assert_null(get(cache, "a", 1061));
}

static void a_value_may_be_forgotten(void **state)
{
    struct cache *cache = *state;
    set(cache, "a", "one", 0, 50);
    delete_now(cache, "a");
    delete_now(cache, "a");
    assert_null(get(cache, "a", 0));
}

static void a_short_buffer_gets_the_beginning(void **state)
{
    struct cache *cache = *state;
    char text[4] = "xxx";
    set(cache, "a", "onetwo", 0, 50);
    assert_int_equal(get_at(cache, "a", text, 2, 0), 6);
    assert_string_equal(text, "onx");
    assert_int_equal(get_at(cache, "a", NULL, 0, 0), 6);
}

static void a_life_without_end_does_not_wrap(void **state)
{
    struct cache *cache = *state;
    set(cache, "a", "one", 1000, INT64_MAX);
    assert_string_equal(get(cache, "a", INT64_MAX - 1), "one");
}

static void only_the_first_of_many_adds(void **state)
{
    struct cache *cache = *state;
    assert_true(add_at(cache, "nonce", 0, 100));
    assert_false(add_at(cache, "nonce", 99, 100)); // which does not make it live longer
    assert_true(add_at(cache, "nonce", 100, 100));
}

static void a_counter_ends_a_life_after_its_first_addition(void **state)
{
    struct cache *cache = *state;
    assert_int_equal(count_at(cache, "tries", 1, 0, 100), 1);
    assert_int_equal(count_at(cache, "tries", 2, 99, 100), 3);
    assert_int_equal(count_at(cache, "tries", 0, 99, 100), 3);
    assert_int_equal(count_at(cache, "tries", -1, 99, 100), 2);
    assert_int_equal(count_at(cache, "tries", 1, 100, 100), 1);
}

// ---- Token buckets

static const struct bucket BUCKET = {.burst = 3, .per_second = 2};

static void a_bucket_allows_its_burst_then_its_rate(void **state)
{
    struct cache *cache = *state;
    for (uint32_t left = 3; left-- > 0;) {
        struct bucket_state taken = take_at(cache, "u1", BUCKET, 0);
        assert_true(taken.allowed);
        assert_int_equal(taken.remaining, left);
        assert_int_equal(taken.retry_after_s, 0);
    }
    assert_false(take_at(cache, "u1", BUCKET, 0).allowed);
    assert_false(take_at(cache, "u1", BUCKET, 499).allowed);
    assert_true(take_at(cache, "u1", BUCKET, 500).allowed);
    assert_false(take_at(cache, "u1", BUCKET, 500).allowed);
    assert_true(take_at(cache, "u2", BUCKET, 500).allowed); // another's is its own
}

static void a_refusal_takes_nothing_and_says_when(void **state)
{
    struct cache *cache = *state;
    struct bucket slow = {.burst = 2, .per_second = 0.1};
    take_at(cache, "u1", slow, 0);
    take_at(cache, "u1", slow, 0);
    for (int i = 0; i < 50; i++) {
        struct bucket_state refused = take_at(cache, "u1", slow, 4000);
        assert_false(refused.allowed);
        assert_int_equal(refused.remaining, 0);
        assert_int_equal(refused.retry_after_s, 6);
        assert_int_equal(refused.reset_s, 16);
    }
    assert_true(take_at(cache, "u1", slow, 10000).allowed);
}

static void fractions_of_tokens_add_up(void **state)
{
    struct cache *cache = *state;
    int allowed = 0;
    for (int64_t now_ms = 0; now_ms < 100000; now_ms += 7)
        allowed += take_at(cache, "u1", BUCKET, now_ms).allowed;
    assert_int_equal(allowed, 3 + 2 * 100 - 1); // the burst, and two a second until the last one asks
}

static void a_full_bucket_never_holds_more_than_its_burst(void **state)
{
    struct cache *cache = *state;
    take_at(cache, "u1", BUCKET, 0);
    struct bucket_state taken = take_at(cache, "u1", BUCKET, 3600000);
    assert_int_equal(taken.remaining, 2);
    assert_int_equal(taken.reset_s, 1);
}

static void a_clock_that_stands_still_or_slips_gives_no_tokens(void **state)
{
    struct cache *cache = *state;
    for (int i = 0; i < 3; i++) assert_true(take_at(cache, "u1", BUCKET, 5000).allowed);
    assert_false(take_at(cache, "u1", BUCKET, 4000).allowed);
    assert_false(take_at(cache, "u1", BUCKET, 5499).allowed);
    assert_true(take_at(cache, "u1", BUCKET, 5500).allowed);
}

static void a_bucket_without_refill_ends_after_its_burst(void **state)
{
    struct cache *cache = *state;
    struct bucket once = {.burst = 1, .per_second = 0};
    assert_true(take_at(cache, "u1", once, 0).allowed);
    struct bucket_state refused = take_at(cache, "u1", once, 1000000000);
    assert_false(refused.allowed);
    assert_true(refused.retry_after_s > 1000000);
}

static void a_changed_bucket_counts_with_the_new_size(void **state)
{
    struct cache *cache = *state;
    struct bucket small = {.burst = 1, .per_second = 1};
    take_at(cache, "u1", BUCKET, 0);
    assert_int_equal(take_at(cache, "u1", small, 0).remaining, 0);
    assert_false(take_at(cache, "u1", small, 0).allowed);
}

// ---- Bounds

static void a_full_cache_drops_what_ends_first(void **state)
{
    struct cache *cache = *state;
    char key[32], value[100] = {0};
    set(cache, "long", "kept", 0, 1000000);
    set(cache, "short", "dropped", 0, 10);
    size_t kept = 0;
    for (int i = 0; i < 2000; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        set_at(cache, key, value, sizeof value, 0, 1000 + i);
    }
    for (int i = 0; i < 2000; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        bool there = get(cache, key, 0);
        kept += there;
        if (i > 1900) assert_true(there);
    }
    assert_string_equal(get(cache, "long", 0), "kept");
    assert_null(get(cache, "short", 0));
    assert_true(kept > 200 && kept < CAP / sizeof value);
}

static void a_value_larger_than_the_cache_is_not_kept(void **state)
{
    struct cache *cache = *state;
    char *huge = calloc(1, 2 * CAP);
    struct err err;
    set(cache, "small", "kept", 0, 1000);
    assert_false(cache_set(cache, "huge", huge, 2 * CAP, 1000, &err));
    assert_true(err_is(&err, INTERNAL_ERROR));
    assert_false(cache_set(cache, "nearly", huge, CAP - 8, 1000, &err));
    assert_null(get(cache, "huge", 0));
    assert_null(get(cache, "nearly", 0));
    assert_string_equal(get(cache, "small", 0), "kept");
    free(huge);
}

static void a_limit_that_cannot_be_kept_lets_pass_and_says_so(void **state)
{
    struct cache *small;
    struct err err;
    struct bucket_state taken;
    (void)state;
    assert_true(cache_open(&small, 16, &err));
    for (int i = 0; i < 9; i++) {
        assert_false(cache_take(small, "u1", BUCKET, &taken, &err));
        assert_true(taken.allowed && taken.remaining == 2);
    }
    bool first;
    int64_t value;
    assert_false(cache_add(small, "nonce", 1000, &first, &err));
    assert_false(cache_count(small, "tries", 1, 1000, &value, &err));
    cache_close(small);
}

// The cache against a plain list: random sets, deletes, gets in a time that moves on.
static void it_agrees_with_a_model(void **state)
{
    struct cache *cache = *state;
    struct {
        int value;
        int64_t ends_ms;
    } model[64] = {0};
    int64_t now_ms = 0;
    srand(3);
    for (int step = 1; step < 200000; step++) {
        char key[8];
        int which = rand() % 64, found = 0;
        snprintf(key, sizeof key, "k%d", which);
        now_ms += rand() % 4;
        if (rand() % 3 == 0) {
            int64_t ttl_ms = rand() % 300;
            set_at(cache, key, &step, sizeof step, now_ms, ttl_ms);
            model[which].value = step;
            model[which].ends_ms = now_ms + ttl_ms;
        } else if (rand() % 10 == 0) {
            delete_now(cache, key);
            model[which].ends_ms = 0;
        }
        bool there = get_at(cache, key, &found, sizeof found, now_ms) == sizeof found;
        assert_int_equal(there, model[which].ends_ms > now_ms);
        if (there) assert_int_equal(found, model[which].value);
    }
}

// ---- Threads

struct visitor {
    struct cache *cache;
    pthread_t thread;
    int firsts, allowed;
};

static void *visit(void *arg)
{
    struct visitor *visitor = arg;
    char key[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(key, sizeof key, "nonce-%d", i % 100);
        visitor->firsts += add_at(visitor->cache, key, i, 1000000);
        count_at(visitor->cache, "visits", 1, i, 1000000);
        visitor->allowed +=
            take_at(visitor->cache, "door", (struct bucket){.burst = 1000, .per_second = 0}, i).allowed;
        snprintf(key, sizeof key, "value-%d", i % 37);
        set_at(visitor->cache, key, &i, sizeof i, i, 100);
        get_at(visitor->cache, key, &(int){0}, sizeof i, i);
    }
    return NULL;
}

static void threads_share_it_exactly(void **state)
{
    struct visitor visitors[4];
    int firsts = 0, allowed = 0;
    for (size_t i = 0; i < 4; i++) {
        visitors[i] = (struct visitor){.cache = *state};
        assert_int_equal(pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(visitors[i].thread, NULL);
        firsts += visitors[i].firsts;
        allowed += visitors[i].allowed;
    }
    assert_int_equal(firsts, 100);
    assert_int_equal(allowed, 1000);
    assert_int_equal(count_at(*state, "visits", 0, 5000, 1), 20000);
}

static void a_charge_may_owe_and_the_rate_pays_it(void **state)
{
    struct cache *cache = *state;
    struct bucket_state charged = charge_at(cache, "u1", BUCKET, 2, 0);
    assert_int_equal(charged.remaining, 1);
    assert_int_equal(charged.reset_s, 1);
    charged = charge_at(cache, "u1", BUCKET, 3, 0); // one is there, two are owed
    assert_int_equal(charged.remaining, 0);
    assert_int_equal(charged.reset_s, 3);
    struct bucket_state refused = take_at(cache, "u1", BUCKET, 1400);
    assert_false(refused.allowed);
    assert_int_equal(refused.retry_after_s, 1);
    assert_true(take_at(cache, "u1", BUCKET, 1600).allowed);
    charge_at(cache, "u1", BUCKET, 1e9, 2000); // at most a full bucket is owed
    assert_false(take_at(cache, "u1", BUCKET, 3900).allowed);
    assert_true(take_at(cache, "u1", BUCKET, 4100).allowed);
    assert_true(take_at(cache, "u2", BUCKET, 4000).allowed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_value_lives_until_its_end),
        TEST(setting_again_replaces_value_and_life),
        TEST(a_value_may_be_forgotten),
        TEST(a_short_buffer_gets_the_beginning),
        TEST(a_life_without_end_does_not_wrap),
        TEST(only_the_first_of_many_adds),
        TEST(a_counter_ends_a_life_after_its_first_addition),
        TEST(a_bucket_allows_its_burst_then_its_rate),
        TEST(a_refusal_takes_nothing_and_says_when),
        TEST(a_charge_may_owe_and_the_rate_pays_it),
        TEST(fractions_of_tokens_add_up),
        TEST(a_full_bucket_never_holds_more_than_its_burst),
        TEST(a_clock_that_stands_still_or_slips_gives_no_tokens),
        TEST(a_bucket_without_refill_ends_after_its_burst),
        TEST(a_changed_bucket_counts_with_the_new_size),
        TEST(a_full_cache_drops_what_ends_first),
        TEST(a_value_larger_than_the_cache_is_not_kept),
        TEST(a_limit_that_cannot_be_kept_lets_pass_and_says_so),
        TEST(it_agrees_with_a_model),
        TEST(threads_share_it_exactly),
    };
    return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
