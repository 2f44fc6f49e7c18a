#include <pthread.h>

#include "services/gateway/http/reply_budget.h"
#include "tests/test.h"

enum { MOST = 100000, PER_ADDRESS = 40000, THREADS = 4, ROUNDS = 5000 };

static struct reply_budget *make(void)
{
    struct err err;
    struct reply_budget *budget;
    struct reply_budget_options options = {MOST, PER_ADDRESS, NULL};
    assert_true(reply_budget_create(&budget, &options, &err));
    return budget;
}

static struct address address(unsigned char last)
{
    struct address address = {{0}};
    address.bytes[15] = last;
    return address;
}

static struct shared *body(struct reply_budget *budget, size_t len)
{
    char *bytes = calloc(1, len);
    struct shared *shared = shared_create(bytes, len);
    free(bytes);
    reply_budget_watch(budget, shared);
    return shared;
}

static void bodies_count_once_while_they_live(void **state)
{
    struct reply_budget *budget = make();
    struct address zoe = address(1);
    (void)state;
    struct shared *large = body(budget, MOST), *small = body(budget, REPLY_SMALL_BYTES);
    for (int i = 0; i < 100; i++) shared_hold(large);
    assert_int_equal(reply_budget_room(budget, &zoe, 0), REPLY_ROOM);
    struct shared *more = body(budget, REPLY_SMALL_BYTES + 1);
    assert_int_equal(reply_budget_room(budget, &zoe, 0), REPLY_FULL);
    shared_drop(more);
    assert_int_equal(reply_budget_room(budget, &zoe, 0), REPLY_ROOM);
    for (int i = 0; i < 101; i++) shared_drop(large);
    shared_drop(small);
    reply_budget_destroy(budget);
}

static void a_household_pays_for_what_was_made_for_it_and_little_for_what_it_shares(void **state)
{
    struct reply_budget *budget = make();
    (void)state;
    struct shared *large = body(budget, 16000), *small = body(budget, REPLY_SMALL_BYTES);
    assert_int_equal(reply_charge_of(large, true), 16000);
    assert_int_equal(reply_charge_of(large, false), 1000);
    assert_int_equal(reply_charge_of(small, true), 0);
    shared_drop(large);
    shared_drop(small);
    reply_budget_destroy(budget);
}

static void a_household_is_bounded_and_others_are_not_touched(void **state)
{
    struct reply_budget *budget = make();
    struct address zoe = address(1), ada = address(2);
    struct reply_charge first = {0}, second = {0}, written = {0}, none = {0};
    (void)state;
    assert_int_equal(reply_budget_room(budget, &zoe, 2 * PER_ADDRESS), REPLY_ROOM); // without any bytes yet
    reply_budget_take(budget, &zoe, PER_ADDRESS - 10, &first);
    assert_int_equal(reply_budget_room(budget, &zoe, 10), REPLY_ROOM);
    assert_int_equal(reply_budget_room(budget, &zoe, 11), REPLY_FULL_FOR_ADDRESS);
    reply_budget_take(budget, &zoe, 10, &second);
    assert_int_equal(reply_budget_room(budget, &zoe, 0), REPLY_ROOM);
    reply_budget_take(budget, &zoe, 1000, &written); // what must be answered is, beyond the bound
    assert_int_equal(reply_budget_room(budget, &zoe, 0), REPLY_FULL_FOR_ADDRESS);
    assert_int_equal(reply_budget_room(budget, &ada, PER_ADDRESS), REPLY_ROOM);
    reply_budget_take(budget, &ada, 0, &none);
    assert_null(none.holder);
    reply_budget_give(budget, &none);
    reply_budget_give(budget, &first);
    assert_null(first.holder);
    assert_int_equal(reply_budget_room(budget, &zoe, PER_ADDRESS - 1010), REPLY_ROOM);
    reply_budget_give(budget, &second);
    reply_budget_give(budget, &written);
    reply_budget_give(budget, &written); // again is nothing
    reply_budget_destroy(budget);
}

static void *come_and_go(void *arg)
{
    struct reply_budget *budget = arg;
    for (int i = 0; i < ROUNDS; i++) {
        struct address who = address((unsigned char)(i % 5));
        struct reply_charge charge = {0};
        struct shared *shared = body(budget, 5000);
        reply_budget_room(budget, &who, 5000);
        reply_budget_take(budget, &who, 5000, &charge);
        shared_drop(shared);
        reply_budget_give(budget, &charge);
    }
    return NULL;
}

static void threads_leave_nothing_behind(void **state)
{
    struct reply_budget *budget = make();
    pthread_t threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, budget), 0);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    struct shared *all = body(budget, MOST);
    for (unsigned char i = 0; i < 5; i++) {
        struct address who = address(i);
        assert_int_equal(reply_budget_room(budget, &who, 2 * PER_ADDRESS), REPLY_ROOM);
    }
    shared_drop(all);
    reply_budget_destroy(budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_count_once_while_they_live),
        cmocka_unit_test(a_household_pays_for_what_was_made_for_it_and_little_for_what_it_shares),
        cmocka_unit_test(a_household_is_bounded_and_others_are_not_touched),
        cmocka_unit_test(threads_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
