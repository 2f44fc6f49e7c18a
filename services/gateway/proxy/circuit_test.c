#include "services/gateway/proxy/circuit.h"
#include "tests/test.h"

static void fail_times(struct circuit *circuit, int times, int64_t now_ms)
{
    while (times--) {
        assert_true(circuit_enter(circuit, now_ms));
        circuit_bad(circuit, now_ms);
    }
}

static void it_opens_after_failures_in_a_row(void **state)
{
    struct circuit circuit = {0};
    (void)state;
    fail_times(&circuit, CIRCUIT_FAILURES - 1, 0);
    assert_true(circuit_enter(&circuit, 0));
    circuit_good(&circuit);
    fail_times(&circuit, CIRCUIT_FAILURES, 0);
    assert_false(circuit_enter(&circuit, CIRCUIT_FIRST_MS - 1));
    assert_int_equal(circuit_left_ms(&circuit, 400), CIRCUIT_FIRST_MS - 400);
}

static void one_request_tries_and_a_good_one_closes_it(void **state)
{
    struct circuit circuit = {0};
    (void)state;
    fail_times(&circuit, CIRCUIT_FAILURES, 0);
    assert_true(circuit_enter(&circuit, CIRCUIT_FIRST_MS));
    assert_int_equal(circuit.state, CIRCUIT_TRIED);
    assert_false(circuit_enter(&circuit, CIRCUIT_FIRST_MS));
    circuit_good(&circuit);
    assert_true(circuit_enter(&circuit, CIRCUIT_FIRST_MS));
    assert_true(circuit_enter(&circuit, CIRCUIT_FIRST_MS));
}

static void a_failed_try_doubles_the_pause_up_to_the_longest(void **state)
{
    struct circuit circuit = {0};
    int64_t now_ms = 0, pause_ms = CIRCUIT_FIRST_MS;
    (void)state;
    fail_times(&circuit, CIRCUIT_FAILURES, now_ms);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(circuit_left_ms(&circuit, now_ms), pause_ms);
        now_ms += pause_ms;
        fail_times(&circuit, 1, now_ms);
        pause_ms = pause_ms * 2 < CIRCUIT_LONGEST_MS ? pause_ms * 2 : CIRCUIT_LONGEST_MS;
    }
}

static void a_try_whose_client_leaves_makes_place_for_the_next(void **state)
{
    struct circuit circuit = {0};
    (void)state;
    fail_times(&circuit, CIRCUIT_FAILURES, 0);
    assert_true(circuit_enter(&circuit, CIRCUIT_FIRST_MS));
    circuit_leave(&circuit, CIRCUIT_FIRST_MS);
    assert_true(circuit_enter(&circuit, CIRCUIT_FIRST_MS));
}

static void failures_of_before_do_not_make_the_pause_longer(void **state)
{
    struct circuit circuit = {0};
    (void)state;
    fail_times(&circuit, CIRCUIT_FAILURES, 0);
    circuit_bad(&circuit, 100);
    assert_int_equal(circuit_left_ms(&circuit, 100), CIRCUIT_FIRST_MS - 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_opens_after_failures_in_a_row),
        cmocka_unit_test(one_request_tries_and_a_good_one_closes_it),
        cmocka_unit_test(a_failed_try_doubles_the_pause_up_to_the_longest),
        cmocka_unit_test(a_try_whose_client_leaves_makes_place_for_the_next),
        cmocka_unit_test(failures_of_before_do_not_make_the_pause_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
