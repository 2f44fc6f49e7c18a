#include "lib/replica/clocks.h"
#include "tests/test.h"

static int64_t agreed_of(const int64_t *ahead, size_t count)
{
    struct clocks clocks = {0};
    char id[STATEMENT_ID];
    for (size_t i = 0; i < count; i++) {
        snprintf(id, sizeof id, "%zu", i);
        clocks_hear(&clocks, id, ahead[i], 1000);
    }
    return clocks_agreed_ms(&clocks, 1000);
}

#define AGREED(...)                                                                                          \
    agreed_of((const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void the_middle_one_counts(void **state)
{
    (void)state;
    assert_int_equal(AGREED(3, -2), 0);          // ours
    assert_int_equal(AGREED(900, 901, 3, 2), 3); // one that is off changes nothing
    assert_int_equal(AGREED(-900, -3, -2, -901), -3);
    assert_int_equal(AGREED(1000, 1001), 1000); // it is ours that is off
    assert_int_equal(AGREED(-1000, -1001, -1002, -1003), -1001);
}

static void of_two_alike_ours_counts(void **state)
{
    (void)state;
    assert_int_equal(AGREED(1000), 0);
    assert_int_equal(AGREED(-1000), 0);
    assert_int_equal(AGREED(1000, 1000, 0), 0);
    assert_int_equal(AGREED(-1000, -1000, 0), 0);
    assert_int_equal(AGREED(-5, 1000, 1000), 0);
}

static void without_others_ours_counts(void **state)
{
    (void)state;
    const struct clocks none = {0};
    assert_int_equal(clocks_agreed_ms(&none, 5), 0);
}

static void the_newest_of_a_process_counts_while_it_lives(void **state)
{
    (void)state;
    struct clocks clocks = {0};
    clocks_hear(&clocks, "a", 5000, 1000);
    clocks_hear(&clocks, "b", 5000, 1000);
    assert_int_equal(clocks_agreed_ms(&clocks, 1000), 5000);
    clocks_hear(&clocks, "a", 0, 2000);
    clocks_hear(&clocks, "b", 0, 2000);
    assert_int_equal(clocks.count, 2);
    assert_int_equal(clocks_agreed_ms(&clocks, 2000), 0);
    clocks_hear(&clocks, "a", 700, 3000);
    clocks_hear(&clocks, "b", 700, 3000);
    assert_int_equal(clocks_agreed_ms(&clocks, 3000 + CLOCKS_LIVE_MS), 700);
    assert_int_equal(clocks_agreed_ms(&clocks, 3001 + CLOCKS_LIVE_MS), 0);
}

static void who_was_silent_for_the_longest_gives_room(void **state)
{
    (void)state;
    struct clocks clocks = {0};
    char id[STATEMENT_ID];
    for (int i = 0; i < CLOCKS_MOST; i++) {
        snprintf(id, sizeof id, "%d", i);
        clocks_hear(&clocks, id, i, 1000 + (i == 7 ? -1 : i));
    }
    clocks_hear(&clocks, "new", 9, 5000);
    assert_int_equal(clocks.count, CLOCKS_MOST);
    assert_string_equal(clocks.all[7].id, "new");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_middle_one_counts),
        cmocka_unit_test(of_two_alike_ours_counts),
        cmocka_unit_test(without_others_ours_counts),
        cmocka_unit_test(the_newest_of_a_process_counts_while_it_lives),
        cmocka_unit_test(who_was_silent_for_the_longest_gives_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
