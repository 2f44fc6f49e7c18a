#include <pthread.h>

#include "lib/base/shared.h"
#include "tests/test.h"

enum { THREADS = 4, ROUNDS = 20000 };

static void on_gone(void *arg, size_t len) { *(size_t *)arg += len; }

static void the_last_holder_frees_them(void **state)
{
    size_t gone = 0;
    (void)state;
    struct shared *shared = shared_create("moon", 4);
    shared->gone = on_gone;
    shared->arg = &gone;
    assert_int_equal(shared->len, 4);
    assert_memory_equal(shared->bytes, "moon", 4);
    assert_ptr_equal(shared_hold(shared), shared);
    shared_drop(shared);
    assert_int_equal(gone, 0);
    shared_drop(shared);
    assert_int_equal(gone, 4);
    shared_drop(NULL);
    shared_drop(shared_create(NULL, 0)); // nothing at all can be shared
}

static void *hold_and_drop(void *arg)
{
    struct shared *shared = arg;
    for (int i = 0; i < ROUNDS; i++) {
        shared_hold(shared);
        if (memcmp(shared->bytes, "sun", 3) != 0) return "changed";
        shared_drop(shared);
    }
    shared_drop(shared);
    return NULL;
}

static void threads_hold_and_drop_them_side_by_side(void **state)
{
    pthread_t threads[THREADS];
    size_t gone = 0;
    (void)state;
    struct shared *shared = shared_create("sun", 3);
    shared->gone = on_gone;
    shared->arg = &gone;
    for (int i = 0; i < THREADS; i++) {
        shared_hold(shared);
        assert_int_equal(pthread_create(&threads[i], NULL, hold_and_drop, shared), 0);
    }
    shared_drop(shared);
    for (int i = 0; i < THREADS; i++) {
        void *fault;
        pthread_join(threads[i], &fault);
        assert_null(fault);
    }
    assert_int_equal(gone, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_holder_frees_them),
        cmocka_unit_test(threads_hold_and_drop_them_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
