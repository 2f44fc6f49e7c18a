// A node that is behind, or of another cluster, is not believed.
#include "tests/test.h"

#include "services/chain/cluster/pulse.h"

static const struct pulse first = {.genesis = {{1}},
                                   .finalized_slot = 1000,
                                   .finalized_height = 900,
                                   .newest = {.last_valid_height = 1080, .slot = 1032},
                                   .clock_s = 1800000000};

static void what_follows_is_believed(void **state)
{
    (void)state;
    struct pulse next = first;
    assert_null(pulse_check(NULL, &first));
    assert_null(pulse_check(&first, &first));
    next.finalized_slot += 10;
    next.finalized_height += 7;
    next.clock_s += 4;
    assert_null(pulse_check(&first, &next));
    next.clock_s = first.clock_s - 30; // the cluster's clock is a vote
    assert_null(pulse_check(&first, &next));
}

static void what_contradicts_is_not(void **state)
{
    (void)state;
    struct pulse wrong[6] = {first, first, first, first, first, first};
    wrong[0].genesis.bytes[0] = 2;
    wrong[1].finalized_slot--;
    wrong[2].finalized_height--;
    wrong[3].finalized_height++; // without a slot
    wrong[4].clock_s -= 61;
    wrong[5].finalized_slot += 5;
    wrong[5].finalized_height += 6;
    for (size_t i = 0; i < 6; i++) assert_non_null(pulse_check(&first, &wrong[i]));
}

static void what_can_not_be_is_not(void **state)
{
    (void)state;
    struct pulse wrong[3] = {first, first, first};
    wrong[0].finalized_height = wrong[0].finalized_slot + 1;
    wrong[1].newest.slot = wrong[1].finalized_slot - 1;
    wrong[2].newest.last_valid_height = wrong[2].finalized_height - 1;
    for (size_t i = 0; i < 3; i++) assert_non_null(pulse_check(NULL, &wrong[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_follows_is_believed),
        cmocka_unit_test(what_contradicts_is_not),
        cmocka_unit_test(what_can_not_be_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
