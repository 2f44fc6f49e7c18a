#include "services/chain/programs/sdk/error.h"
#include "services/chain/programs/sdk/sysvar.h"
#include "tests/test.h"

static struct rent of_the_cluster;
static uint64_t answer;

uint64_t sol_get_rent_sysvar(struct rent *rent)
{
    *rent = of_the_cluster;
    return answer;
}

uint64_t sol_get_clock_sysvar(struct clock *clock)
{
    *clock = (struct clock){.slot = 1, .now_s = 1700000000};
    return answer;
}

static void rent_of_both_thresholds(void **state)
{
    uint64_t lamports = 0;
    (void)state;
    answer = 0;
    of_the_cluster = (struct rent){3480, 0x4000000000000000, 50}; // a threshold of two years
    assert_int_equal(rent_minimum(0, &lamports), SUCCESS);
    assert_int_equal(lamports, 890880);
    of_the_cluster = (struct rent){6960, 0x3ff0000000000000, 50};
    assert_int_equal(rent_minimum(165, &lamports), SUCCESS);
    assert_int_equal(lamports, 2039280);
}

static void other_rents_are_refused(void **state)
{
    uint64_t lamports;
    (void)state;
    answer = 0;
    of_the_cluster = (struct rent){3480, 0x4008000000000000, 50}; // 3.0
    assert_int_equal(rent_minimum(0, &lamports), ERROR_UNSUPPORTED_RENT);
    of_the_cluster.threshold_bits = 0x4000000000000000;
    answer = 1;
    assert_int_equal(rent_minimum(0, &lamports), ERROR_UNSUPPORTED_RENT);
}

static void the_time_is_the_clusters(void **state)
{
    (void)state;
    answer = 0;
    assert_true(clock_now_s() == 1700000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rent_of_both_thresholds),
        cmocka_unit_test(other_rents_are_refused),
        cmocka_unit_test(the_time_is_the_clusters),
    };
    return cmocka_run_group_tests_name("sysvar", tests, NULL, NULL);
}
