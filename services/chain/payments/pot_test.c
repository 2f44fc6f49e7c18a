// The division of a pot: the presets' table, rounding, and that the parts are the pot.
#include "services/chain/payments/pot.h"

#include "services/chain/programs/ticket/payout.h"
#include "tests/test.h"

static const int64_t COIN = 1000000000;

static struct pot_split divide(int64_t pot, enum pot_tax kind, uint16_t tax, uint16_t god_bp,
                               uint32_t winners)
{
    struct pot_terms terms = {.kind = kind, .tax = tax, .god_bp = god_bp};
    struct pot_split split;
    assert_true(pot_divide(pot, &terms, winners, &split));
    return split;
}

static int64_t sum_of(const struct pot_split *split)
{
    return split->revenue + split->god + split->treasury + split->each * split->winners + split->more;
}

static void presets_are_the_table(void **state)
{
    (void)state;
    static const int64_t revenue[TERMS_PRESETS] = {95, 93, 53, 30, 5},
                         winner[TERMS_PRESETS] = {105, 107, 147, 170, 195};
    for (int preset = 0; preset < TERMS_PRESETS; preset++) {
        struct pot_split split = divide(2 * COIN, POT_PRESET, (uint16_t)preset, 0, 1);
        assert_int_equal(split.revenue, revenue[preset] * COIN / 100);
        assert_int_equal(pot_part(&split, 0), winner[preset] * COIN / 100);
        assert_int_equal(split.god + split.treasury, 0);
    }
}

static void each_tax_rounds_down_by_itself(void **state)
{
    (void)state;
    assert_int_equal(divide(1, POT_PRESET, 0, 0, 1).revenue, 0);
    assert_int_equal(divide(39, POT_PRESET, 0, 0, 1).revenue, 17);  // half 19: 0.95 and 17.1
    assert_int_equal(divide(399, POT_PRESET, 3, 0, 1).revenue, 58); // half 199: 9.95 and 49.75
    assert_int_equal(divide(9999, POT_BASIS_POINTS, 1, 0, 1).revenue, 0);
    assert_int_equal(divide(10000, POT_BASIS_POINTS, 1, 0, 1).revenue, 1);
}

static void winners_share_equally_but_for_a_unit(void **state)
{
    (void)state;
    struct pot_split split = divide(100, POT_BASIS_POINTS, 0, 0, 7);
    int64_t sum = 0;
    for (uint32_t winner = 0; winner < 7; winner++) {
        assert_int_equal(pot_part(&split, winner), winner < 2 ? 15 : 14);
        sum += pot_part(&split, winner);
    }
    assert_int_equal(sum, 100);
    assert_int_equal(pot_part(&split, 7), 0);
    split = divide(3, POT_BASIS_POINTS, 0, 0, 5);
    assert_int_equal(pot_part(&split, 2), 1);
    assert_int_equal(pot_part(&split, 3), 0);
}

static void a_god_gains_nothing_when_nobody_won(void **state)
{
    (void)state;
    struct pot_split some = divide(1000, POT_BASIS_POINTS, 1000, 2000, 3);
    struct pot_split none = divide(1000, POT_BASIS_POINTS, 1000, 2000, 0);
    assert_int_equal(some.god, 180);
    assert_int_equal(none.god, 180);
    assert_int_equal(none.treasury, 720);
    assert_int_equal(some.treasury, 0);
}

static void terms_that_are_none_are_refused(void **state)
{
    (void)state;
    struct pot_split split;
    static const struct pot_terms none[] = {{.kind = POT_PRESET, .tax = TERMS_PRESETS},
                                            {.kind = POT_BASIS_POINTS, .tax = TERMS_WHOLE_BP + 1},
                                            {.kind = (enum pot_tax)2},
                                            {.kind = POT_PRESET, .god_bp = TERMS_WHOLE_BP + 1}};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) assert_false(pot_divide(1, &none[i], 1, &split));
    assert_false(pot_divide(-1, &(struct pot_terms){.kind = POT_PRESET}, 1, &split));
    assert_true(pot_divide(0, &(struct pot_terms){.kind = POT_PRESET}, 1, &split));
    assert_int_equal(sum_of(&split), 0);
}

static uint64_t next_of(uint64_t *seed) // splitmix64
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static struct pot_terms any_terms(uint64_t *seed)
{
    struct pot_terms terms = {.kind = next_of(seed) % 2 ? POT_PRESET : POT_BASIS_POINTS,
                              .god_bp = (uint16_t)(next_of(seed) % (TERMS_WHOLE_BP + 1))};
    terms.tax = (uint16_t)(next_of(seed) % (terms.kind == POT_PRESET ? TERMS_PRESETS : TERMS_WHOLE_BP + 1));
    return terms;
}

static void the_parts_are_the_pot(void **state)
{
    uint64_t seed = 7;
    (void)state;
    for (int round = 0; round < 300000; round++) {
        struct pot_terms terms = any_terms(&seed);
        int64_t pot = (int64_t)(next_of(&seed) >> (1 + next_of(&seed) % 63));
        uint32_t winners = (uint32_t)(next_of(&seed) >> (32 + next_of(&seed) % 32));
        struct pot_split split;
        assert_true(pot_divide(pot, &terms, winners, &split));
        assert_true(split.revenue >= 0 && split.god >= 0 && split.treasury >= 0 && split.each >= 0);
        assert_true(split.more < winners || split.more == 0);
        assert_true(!winners || split.treasury == 0);
        assert_true(sum_of(&split) == pot);
    }
}

// What the tickets of an event paid is divided by its program on the chain.
static void the_chain_divides_alike(void **state)
{
    uint64_t seed = 11;
    (void)state;
    for (int round = 0; round < 100000; round++) {
        struct pot_terms terms = any_terms(&seed);
        struct tax tax = {terms.kind == POT_PRESET ? TAX_PRESET : TAX_CUSTOM, terms.tax};
        int64_t pot = (int64_t)(next_of(&seed) >> (1 + next_of(&seed) % 63));
        struct pot_split split;
        struct payout payout = {0, 0, 0};
        uint64_t revenue = 0;
        assert_true(pot_divide(pot, &terms, 0, &split));
        assert_true(payout_tax((uint64_t)pot, &tax, &revenue));
        assert_true(
            payout_compute((uint64_t)pot, revenue, (uint16_t)(TERMS_WHOLE_BP - terms.god_bp), &payout));
        assert_true((uint64_t)split.revenue == payout.revenue && (uint64_t)split.god == payout.pool &&
                    (uint64_t)split.treasury == payout.owed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets_are_the_table),
        cmocka_unit_test(each_tax_rounds_down_by_itself),
        cmocka_unit_test(winners_share_equally_but_for_a_unit),
        cmocka_unit_test(a_god_gains_nothing_when_nobody_won),
        cmocka_unit_test(terms_that_are_none_are_refused),
        cmocka_unit_test(the_parts_are_the_pot),
        cmocka_unit_test(the_chain_divides_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
