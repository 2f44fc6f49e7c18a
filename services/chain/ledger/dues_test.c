#include "tests/test.h"

#include <string.h>

#include "services/chain/ledger/dues.h"

enum { THINGS = 50, NEVER = -1 };

// When each is due now.
static int64_t due_at[THINGS];

static bool holds(const void *owner, const struct ledger_due *due)
{
    (void)owner;
    return due_at[due->id[0]] == due->at_ms;
}

static void set_due(struct ledger_dues *dues, uint8_t thing, int64_t at_ms)
{
    const struct ledger_due due = {.at_ms = at_ms, .id = {thing}};
    due_at[thing] = at_ms;
    assert_true(ledger_dues_reserve(dues, 1, holds, NULL));
    if (at_ms != NEVER) ledger_dues_add(dues, &due);
}

static void all_come_in_their_order(void **state)
{
    (void)state;
    struct ledger_dues dues = {.count = 0};
    int64_t before = 0;
    for (uint8_t i = 0; i < THINGS; i++) set_due(&dues, i, 1 + i * 37 % THINGS);
    for (size_t i = 0; i < THINGS; i++) {
        const struct ledger_due *first = ledger_dues_first(&dues, holds, NULL);
        assert_int_equal(first->at_ms, before + 1);
        before = first->at_ms;
        due_at[first->id[0]] = NEVER; // done
    }
    assert_null(ledger_dues_first(&dues, holds, NULL));
    ledger_dues_finish(&dues);
}

// Who sets a time anew every second leaves what was before.
static void what_is_set_anew_takes_no_room(void **state)
{
    (void)state;
    struct ledger_dues dues = {.count = 0};
    for (uint8_t i = 0; i < THINGS; i++) set_due(&dues, i, 1000 + i);
    for (int64_t now = 1; now < 100000; now++) set_due(&dues, (uint8_t)(now % THINGS), 2000 + now);
    assert_true(dues.room <= 8 * THINGS);
    assert_int_equal(ledger_dues_first(&dues, holds, NULL)->at_ms, 2000 + 100000 - THINGS);
    ledger_dues_finish(&dues);
}

// As one whose turn can't come now is put off.
static void the_first_makes_way(void **state)
{
    (void)state;
    struct ledger_dues dues = {.count = 0};
    set_due(&dues, 1, 10);
    set_due(&dues, 2, 20);
    ledger_dues_drop_first(&dues);
    assert_int_equal(ledger_dues_first(&dues, holds, NULL)->id[0], 2);
    ledger_dues_finish(&dues);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_come_in_their_order),
        cmocka_unit_test(what_is_set_anew_takes_no_room),
        cmocka_unit_test(the_first_makes_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
