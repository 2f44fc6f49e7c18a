#include "lib/base/clock.h"
#include "lib/thread/periodic.h"
#include "lib/thread/wait.h"
#include "tests/test.h"

enum { NEVER_MS = 1000 * 60 * 60, SOON_MS = 1, MOST_MS = 20000 };

// What a piece of work has seen, and what it is told to do next.
struct diary {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int times;
    int64_t pause_ms;
    struct periodic *wakes; // itself, during the first time
};

static int64_t note(void *arg)
{
    struct diary *diary = arg;
    pthread_mutex_lock(&diary->mutex);
    diary->times++;
    struct periodic *itself = diary->times == 1 ? diary->wakes : NULL;
    pthread_cond_broadcast(&diary->changed);
    pthread_mutex_unlock(&diary->mutex);
    if (itself) periodic_wake(itself);
    return diary->pause_ms;
}

static void open_diary(struct diary *diary, int64_t pause_ms)
{
    *diary = (struct diary){.pause_ms = pause_ms};
    pthread_mutex_init(&diary->mutex, NULL);
    wait_init(&diary->changed);
}

static void assert_times(struct diary *diary, int times)
{
    int64_t until_ms = clock_mono_ms() + MOST_MS;
    pthread_mutex_lock(&diary->mutex);
    while (diary->times < times && wait_until(&diary->changed, &diary->mutex, until_ms)) continue;
    assert_true(diary->times >= times);
    pthread_mutex_unlock(&diary->mutex);
}

static struct periodic *start(struct diary *diary, int64_t first_ms)
{
    struct periodic *periodic;
    struct err err;
    assert_true(periodic_start(&periodic, "test", first_ms, note, diary, &err));
    return periodic;
}

static void it_is_done_again_and_again(void **state)
{
    (void)state;
    struct diary diary;
    open_diary(&diary, SOON_MS);
    struct periodic *periodic = start(&diary, 0);
    assert_times(&diary, 5);
    periodic_stop(periodic);
}

static void a_wake_comes_before_its_time(void **state)
{
    (void)state;
    struct diary diary;
    open_diary(&diary, NEVER_MS);
    struct periodic *periodic = start(&diary, NEVER_MS);
    periodic_wake(periodic);
    assert_times(&diary, 1);
    periodic_stop(periodic);
}

static void a_wake_during_the_work_is_not_lost(void **state)
{
    (void)state;
    struct diary diary;
    open_diary(&diary, NEVER_MS);
    struct periodic *periodic = start(&diary, NEVER_MS);
    pthread_mutex_lock(&diary.mutex);
    diary.wakes = periodic;
    pthread_mutex_unlock(&diary.mutex);
    periodic_wake(periodic);
    assert_times(&diary, 2);
    periodic_stop(periodic);
}

static void stopping_does_not_wait_for_the_next_time(void **state)
{
    (void)state;
    struct diary diary;
    open_diary(&diary, NEVER_MS);
    int64_t began_ms = clock_mono_ms();
    periodic_stop(start(&diary, NEVER_MS));
    assert_int_equal(diary.times, 0);
    assert_true(clock_mono_ms() - began_ms < NEVER_MS);
    periodic_stop(NULL);
}

static void a_wait_ends_at_its_monotonic_time(void **state)
{
    (void)state;
    struct diary diary;
    open_diary(&diary, 0);
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    int64_t until_ms = clock_mono_ms() + 5;
    pthread_mutex_lock(&diary.mutex);
    while (wait_until(&diary.changed, &diary.mutex, until_ms)) continue;
    pthread_mutex_unlock(&diary.mutex);
    assert_true(clock_mono_ms() >= until_ms);
    assert_false(wait_semaphore(&semaphore, until_ms));
    sem_post(&semaphore);
    assert_true(wait_semaphore(&semaphore, until_ms));
    sem_destroy(&semaphore);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_done_again_and_again),
        cmocka_unit_test(a_wake_comes_before_its_time),
        cmocka_unit_test(a_wake_during_the_work_is_not_lost),
        cmocka_unit_test(stopping_does_not_wait_for_the_next_time),
        cmocka_unit_test(a_wait_ends_at_its_monotonic_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
