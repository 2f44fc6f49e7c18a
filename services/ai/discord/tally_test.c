// Summaries of a day, in a file and in a store that processes share.
#include "services/ai/discord/tally.h"

#include <pthread.h>

#include "services/ai/testing/club.h"

enum { THREADS = 4, EACH = 5, DAY_MS = 24 * 3600 * 1000 };

static struct err err;

static int64_t today(struct club *club)
{
    int64_t count;
    assert_true(tally_today(club->ai.store, club->now_ms, &count, &club->arena, &err));
    return count;
}

static void a_day_begins_at_nothing(void **state)
{
    struct club *club = *state;
    assert_int_equal(today(club), 0);
    for (int i = 0; i < 3; i++) assert_true(tally_add(club->ai.store, club->now_ms, &err));
    assert_int_equal(today(club), 3);
    club->now_ms += DAY_MS;
    assert_int_equal(today(club), 0);
    assert_true(tally_add(club->ai.store, club->now_ms, &err));
    assert_int_equal(today(club), 1);
}

static void a_start_forgets_none(void **state)
{
    struct club *club = *state;
    assert_true(tally_add(club->ai.store, club->now_ms, &err));
    club_restart(club);
    assert_int_equal(today(club), 1);
}

static void *add_some(void *arg)
{
    const struct club *club = arg;
    struct err failed = {0};
    uintptr_t lost = 0;
    for (int i = 0; i < EACH; i++) lost += !tally_add(club->ai.store, club->now_ms, &failed);
    return (void *)lost;
}

static void of_several_at_once_none_is_lost(void **state)
{
    struct club *club = *state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, add_some, club), 0);
    for (int i = 0; i < THREADS; i++) {
        void *lost;
        pthread_join(threads[i], &lost);
        assert_null(lost);
    }
    assert_int_equal(today(club), THREADS * EACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLUB_IN_BOTH(a_day_begins_at_nothing),
        cmocka_unit_test_setup_teardown(a_start_forgets_none, club_in_a_file, club_end),
        CLUB_IN_BOTH(of_several_at_once_none_is_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
