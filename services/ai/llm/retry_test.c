// Which failures are tried again, and when.
#include "tests/test.h"

#include "services/ai/llm/retry.h"

static void passing_failures_are_tried_again(void **state)
{
    (void)state;
    static const long passing[] = {0, 408, 409, 429, 500, 503, 599},
                      lasting[] = {200, 301, 400, 401, 404, 422, 600};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++) assert_true(llm_status_passes(passing[i]));
    for (size_t i = 0; i < sizeof lasting / sizeof *lasting; i++) assert_false(llm_status_passes(lasting[i]));
}

static void pauses_grow_up_to_a_bound(void **state)
{
    (void)state;
    assert_int_equal(llm_pause_ms(1, 0, 0), 500);
    assert_int_equal(llm_pause_ms(2, 0, 0), 1000);
    assert_int_equal(llm_pause_ms(2, 0, 1), 750);
    assert_int_equal(llm_pause_ms(9, 0, 0), LLM_PAUSE_MOST_MS);
}

static void the_server_may_name_the_pause(void **state)
{
    (void)state;
    assert_int_equal(llm_pause_ms(1, 3, 0.5), 3000);
    assert_int_equal(llm_pause_ms(1, 8, 0), 8000);
    assert_int_equal(llm_pause_ms(1, 9, 0), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passing_failures_are_tried_again),
        cmocka_unit_test(pauses_grow_up_to_a_bound),
        cmocka_unit_test(the_server_may_name_the_pause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
