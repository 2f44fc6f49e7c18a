#include "services/chain/programs/ticket/payout.h"
#include "tests/test.h"

static const uint64_t SOL = 1000000000;

static uint64_t preset(uint64_t vault, uint16_t number)
{
    uint64_t revenue = 0;
    assert_true(payout_tax(vault, &(struct tax){TAX_PRESET, number}, &revenue));
    return revenue;
}

static void presets_are_the_tax_table(void **state)
{
    static const uint64_t hundredths[TAX_PRESETS] = {95, 93, 53, 30, 5};
    (void)state;
    for (unsigned i = 0; i < TAX_PRESETS; i++)
        assert_int_equal(preset(2 * SOL, (uint16_t)i), hundredths[i] * SOL / 100);
}

static void every_part_of_a_tax_rounds_down_by_itself(void **state)
{
    (void)state;
    assert_int_equal(preset(1, 0), 0);
    assert_int_equal(preset(39, 0), 17);  // half 19: 0.95 and 17.1
    assert_int_equal(preset(41, 1), 18);  // half 20: 1 and 17.6
    assert_int_equal(preset(399, 3), 58); // half 199: 9.95 and 49.75
    assert_int_equal(preset(UINT64_MAX, 4), UINT64_MAX / 2 / 100 * 5 + UINT64_MAX / 2 % 100 * 5 / 100);
}

static void refuses_unknown_taxes(void **state)
{
    uint64_t revenue;
    (void)state;
    assert_false(payout_tax(SOL, &(struct tax){TAX_PRESET, TAX_PRESETS}, &revenue));
    assert_false(payout_tax(SOL, &(struct tax){TAX_CUSTOM, BASIS_POINTS + 1}, &revenue));
    assert_false(payout_tax(SOL, &(struct tax){2, 0}, &revenue));
    assert_true(payout_tax(UINT64_MAX, &(struct tax){TAX_CUSTOM, BASIS_POINTS}, &revenue));
    assert_true(revenue == UINT64_MAX);
}

static void the_whole_leaves_nothing_to_the_pool(void **state)
{
    struct payout p;
    (void)state;
    assert_true(payout_compute(101, 1, BASIS_POINTS, &p));
    assert_int_equal(p.revenue, 1);
    assert_int_equal(p.owed, 100);
    assert_int_equal(p.pool, 0);
    assert_true(payout_compute(UINT64_MAX, 0, BASIS_POINTS, &p));
    assert_true(p.owed == UINT64_MAX);
}

static void less_than_the_whole_leaves_the_rest_to_the_pool(void **state)
{
    struct payout p;
    (void)state;
    assert_true(payout_compute(9999, 0, 5000, &p));
    assert_int_equal(p.owed, 4999);
    assert_int_equal(p.pool, 5000);
    assert_true(payout_compute(9999, 0, 1, &p));
    assert_int_equal(p.owed, 0);
    assert_int_equal(p.pool, 9999);
    assert_true(payout_compute(77, 7, 0, &p));
    assert_int_equal(p.pool, 70);
    assert_true(payout_compute(77, 77, BASIS_POINTS, &p));
    assert_int_equal(p.owed + p.pool, 0);
}

static void refuses_more_than_the_whole(void **state)
{
    struct payout p;
    (void)state;
    assert_false(payout_compute(SOL, 0, BASIS_POINTS + 1, &p));
    assert_false(payout_compute(SOL, 0, UINT16_MAX, &p));
    assert_false(payout_compute(1, 2, 1, &p));
}

static uint64_t next(uint64_t *seed) // splitmix64
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static void outputs_sum_to_what_was_paid(void **state)
{
    uint64_t seed = 7;
    (void)state;
    for (int round = 0; round < 200000; round++) {
        struct payout p;
        uint64_t paid = next(&seed) >> (next(&seed) % 64), revenue;
        uint16_t winners_bp = (uint16_t)(next(&seed) % (BASIS_POINTS + 1));
        struct tax tax = {(uint8_t)(next(&seed) % 2), 0};
        tax.value = (uint16_t)(next(&seed) % (tax.kind == TAX_PRESET ? TAX_PRESETS : BASIS_POINTS + 1));
        assert_true(payout_tax(paid, &tax, &revenue));
        assert_true(payout_compute(paid, revenue, winners_bp, &p));
        assert_true(p.revenue == revenue && p.revenue <= paid && p.owed <= paid - revenue);
        assert_true(p.revenue + p.owed + p.pool == paid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets_are_the_tax_table),
        cmocka_unit_test(every_part_of_a_tax_rounds_down_by_itself),
        cmocka_unit_test(refuses_unknown_taxes),
        cmocka_unit_test(the_whole_leaves_nothing_to_the_pool),
        cmocka_unit_test(less_than_the_whole_leaves_the_rest_to_the_pool),
        cmocka_unit_test(refuses_more_than_the_whole),
        cmocka_unit_test(outputs_sum_to_what_was_paid),
    };
    return cmocka_run_group_tests_name("payout", tests, NULL, NULL);
}
