// What is over leaves the till: as many events as there ever were take no more memory than the newest ones.
#include "tests/test.h"

#include "services/chain/till/parts.h"

static struct till till;
static struct ledger_accounts accounts;
static const uint8_t seed[16] = {7};

static int set_up(void **state)
{
    (void)state;
    till_init(&till, seed);
    return !ledger_accounts_init(&accounts, seed);
}

static int tear_down(void **state)
{
    (void)state;
    till_finish(&till);
    ledger_accounts_finish(&accounts);
    return 0;
}

static const uint8_t *id_of(unsigned number)
{
    static uint8_t id[TILL_ID_BYTES];
    memcpy(id, &number, sizeof number);
    return id;
}

static void have_event(unsigned number)
{
    assert_true(till_reserve(&till));
    till_add_event(&till, id_of(number));
}

static void end_event(unsigned number) { till_remove_event(&till, till_find_event(&till, id_of(number))); }

static bool is_over(unsigned number) { return till_is_over(&till, &accounts, id_of(number)); }

static void move_money_for(unsigned number)
{
    const struct ledger_owner owner = till_escrow(id_of(number));
    const struct ledger_account account = {{(uint8_t)number, 1}};
    assert_int_not_equal(ledger_accounts_add(&accounts, &owner, &account), LEDGER_NO_ACCOUNT);
}

static void end_many(unsigned from, unsigned count)
{
    for (unsigned i = from; i < from + count; i++) {
        have_event(i);
        end_event(i);
    }
}

static void an_event_is_over_when_it_left(void **state)
{
    (void)state;
    have_event(1);
    move_money_for(1);
    assert_false(is_over(1));
    assert_false(is_over(2));
    end_event(1);
    assert_true(is_over(1));
}

static void the_newest_are_known_and_all_with_money(void **state)
{
    (void)state;
    move_money_for(1);
    end_many(1, 2);
    size_t size = 0;
    for (unsigned round = 0; round < 3; round++) {
        end_many(10 + round * TILL_OVER_MOST, TILL_OVER_MOST);
        assert_true(!round || till_size(&till) == size);
        size = till_size(&till);
    }
    assert_true(is_over(1));
    assert_false(is_over(2));
    assert_true(is_over(10 + 2 * TILL_OVER_MOST));
}

static void a_snapshot_has_them_in_their_order(void **state)
{
    (void)state;
    end_many(1, TILL_OVER_MOST + 3);
    size_t size = till_size(&till);
    uint8_t *bytes = malloc(size);
    struct fields_writer writer = {bytes};
    till_write(&till, &writer);
    till_finish(&till);
    till_init(&till, seed);
    struct fields_reader reader = {bytes, size, false};
    assert_true(till_read(&till, &reader) && fields_is_whole(&reader));
    free(bytes);
    assert_false(is_over(3));
    assert_true(is_over(4));
    end_many(TILL_OVER_MOST + 4, 1);
    assert_false(is_over(4));
    assert_true(is_over(5) && is_over(TILL_OVER_MOST + 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_is_over_when_it_left),
        TEST(the_newest_are_known_and_all_with_money),
        TEST(a_snapshot_has_them_in_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
