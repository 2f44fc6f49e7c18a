// Balances: never negative, never lost, and the same after they were written down.
#include "services/chain/ledger/accounts.h"

#include <sodium.h>

#include "tests/test.h"

enum { COIN = 1, PEOPLE = 40, ASSETS = 5, TURNS = 20000 };

static struct ledger_owner owner_of(uint32_t number)
{
    struct ledger_owner owner = {.kind = number % 5 == 4 ? LEDGER_KEY : LEDGER_USER};
    memcpy(owner.id, &number, sizeof number);
    return owner;
}

static struct ledger_account account_of(const struct ledger_owner *owner)
{
    struct ledger_account account;
    if (owner->kind != LEDGER_KEY) return ledger_account_of(owner->id);
    memcpy(account.bytes, owner->id, sizeof account.bytes);
    return account;
}

static uint32_t add(struct ledger_accounts *accounts, uint32_t number)
{
    const struct ledger_owner owner = owner_of(number);
    const struct ledger_account account = account_of(&owner);
    return ledger_accounts_add(accounts, &owner, &account);
}

static void begin(struct ledger_accounts *accounts, uint32_t people)
{
    static const uint8_t seed[16] = {7};
    assert_true(ledger_accounts_init(accounts, seed));
    for (uint32_t i = 1; i <= people; i++) assert_int_equal(add(accounts, i), i);
}

static enum ledger_status move(struct ledger_accounts *accounts, uint32_t from, uint32_t to, uint32_t asset,
                               int64_t amount)
{
    struct ledger_posting postings[] = {{from, asset, -amount}, {to, asset, amount}};
    size_t count = ledger_net(postings, 2);
    enum ledger_status status = ledger_check(accounts, postings, count);
    if (status == LEDGER_OK) ledger_apply(accounts, postings, count);
    return status;
}

static void an_owner_is_found_by_who_it_is(void **state)
{
    struct ledger_accounts accounts;
    (void)state;
    begin(&accounts, 3000);
    for (uint32_t i = 1; i <= 3000; i++) {
        const struct ledger_owner owner = owner_of(i);
        assert_int_equal(ledger_accounts_find(&accounts, &owner), i);
        const struct ledger_owner back = ledger_owner_of(&accounts, i);
        assert_true(ledger_owner_equal(&owner, &back));
    }
    const struct ledger_owner gone = owner_of(17), nobody = {.kind = LEDGER_NOBODY}, other = owner_of(3001);
    ledger_accounts_disown(&accounts, 17);
    assert_int_equal(ledger_accounts_find(&accounts, &gone), LEDGER_NO_ACCOUNT);
    assert_int_equal(ledger_accounts_find(&accounts, &nobody), LEDGER_NO_ACCOUNT);
    assert_int_equal(ledger_accounts_find(&accounts, &other), LEDGER_NO_ACCOUNT);
    assert_int_equal(add(&accounts, 17), 3001); // who comes back has another one
    assert_int_equal(ledger_accounts_find(&accounts, &gone), 3001);
    ledger_accounts_finish(&accounts);
}

static void only_the_issuance_is_negative(void **state)
{
    struct ledger_accounts accounts;
    (void)state;
    begin(&accounts, 3);
    assert_int_equal(move(&accounts, 1, 2, COIN, 1), LEDGER_INSUFFICIENT);
    assert_int_equal(move(&accounts, 0, 1, COIN, 100), LEDGER_OK);
    assert_int_equal(ledger_balance(&accounts, 0, COIN), -100);
    assert_int_equal(move(&accounts, 1, 2, COIN, 101), LEDGER_INSUFFICIENT);
    assert_int_equal(move(&accounts, 1, 2, COIN, 100), LEDGER_OK);
    assert_int_equal(ledger_balance(&accounts, 1, COIN), 0);
    assert_int_equal(ledger_balance(&accounts, 2, COIN), 100);
    assert_int_equal(move(&accounts, 0, 2, COIN, INT64_MAX - 100), LEDGER_OK);
    assert_int_equal(move(&accounts, 0, 2, COIN, 1), LEDGER_OVERFLOW);
    assert_int_equal(move(&accounts, 0, 1, COIN, 1), LEDGER_OVERFLOW); // and no more than there may be
    ledger_accounts_finish(&accounts);
}

static void what_is_not_well_formed_is_refused(void **state)
{
    struct ledger_accounts accounts;
    static const struct {
        struct ledger_posting postings[3];
        size_t count;
        enum ledger_status status;
    } rows[] = {
        {{{0, COIN, -1}, {1, COIN, 2}}, 2, LEDGER_UNBALANCED},
        {{{0, COIN, -1}, {1, 2, 1}}, 2, LEDGER_UNBALANCED},
        {{{1, COIN, 1}, {0, COIN, -1}}, 2, LEDGER_MALFORMED},
        {{{0, COIN, -1}, {0, COIN, 1}}, 2, LEDGER_MALFORMED},
        {{{0, COIN, -1}, {9, COIN, 1}}, 2, LEDGER_MALFORMED},
        {{{0, 0, -1}, {1, 0, 1}}, 2, LEDGER_MALFORMED},
        {{{0, COIN, 0}}, 1, LEDGER_MALFORMED},
        {{{0, COIN, INT64_MIN}}, 1, LEDGER_MALFORMED},
        {{{0, COIN, -3}, {1, COIN, 1}, {2, COIN, 2}}, 3, LEDGER_OK},
    };
    (void)state;
    begin(&accounts, 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(ledger_check(&accounts, rows[i].postings, rows[i].count), rows[i].status);
    ledger_accounts_finish(&accounts);
}

static void netting_adds_what_is_of_one_pair(void **state)
{
    struct ledger_posting postings[] = {{2, COIN, 5}, {1, COIN, -7}, {2, COIN, -5}, {3, 2, 1}, {1, COIN, 4}};
    (void)state;
    assert_int_equal(ledger_net(postings, 5), 2);
    assert_int_equal(postings[0].account, 1);
    assert_int_equal(postings[0].amount, -3);
    assert_int_equal(postings[1].account, 3);
}

// ---- Against a table

struct table {
    int64_t amounts[PEOPLE + 1][ASSETS + 1];
};

static void same_as_table(const struct ledger_accounts *accounts, const struct table *table)
{
    for (uint32_t i = 0; i <= PEOPLE; i++)
        for (uint32_t asset = 1; asset <= ASSETS; asset++)
            assert_int_equal(ledger_balance(accounts, i, asset), table->amounts[i][asset]);
}

static void write_and_read(struct ledger_accounts *accounts, const struct table *table)
{
    static const uint8_t other_seed[16] = {9};
    struct ledger_accounts again;
    size_t size = ledger_accounts_size(accounts);
    uint8_t *bytes = malloc(size);
    struct fields_writer writer = {bytes};
    ledger_accounts_write(accounts, &writer);
    assert_int_equal(writer.at - bytes, size);
    struct fields_reader reader = {bytes, size, false};
    assert_true(ledger_accounts_init(&again, other_seed));
    assert_true(ledger_accounts_read(&again, &reader) && fields_is_whole(&reader));
    same_as_table(&again, table);
    for (uint32_t i = 1; i <= PEOPLE; i++) {
        const struct ledger_owner owner = owner_of(i);
        assert_int_equal(ledger_accounts_find(&again, &owner), i);
    }
    ledger_accounts_finish(&again);
    for (size_t cut = 0; cut < size; cut += 1 + size / 50) {
        struct fields_reader part = {bytes, cut, false};
        assert_true(ledger_accounts_init(&again, other_seed));
        assert_false(ledger_accounts_read(&again, &part) && fields_is_whole(&part));
        ledger_accounts_finish(&again);
    }
    free(bytes);
}

static void random_moves_are_those_of_a_table(void **state)
{
    struct ledger_accounts accounts;
    static struct table table;
    (void)state;
    begin(&accounts, PEOPLE);
    srand(20261201);
    for (int turn = 0; turn < TURNS; turn++) {
        uint32_t from = (uint32_t)rand() % (PEOPLE + 1), to = (uint32_t)rand() % (PEOPLE + 1);
        uint32_t asset = 1 + (uint32_t)rand() % ASSETS;
        int64_t amount = 1 + rand() % 50;
        if (from == to) continue;
        bool may = from == 0 || table.amounts[from][asset] >= amount;
        assert_int_equal(move(&accounts, from, to, asset, amount), may ? LEDGER_OK : LEDGER_INSUFFICIENT);
        if (!may) continue;
        table.amounts[from][asset] -= amount;
        table.amounts[to][asset] += amount;
    }
    same_as_table(&accounts, &table);
    write_and_read(&accounts, &table);
    ledger_accounts_finish(&accounts);
}

// ---- Many

enum { MANY = 5000 };

static void finds_many(const struct ledger_accounts *accounts)
{
    for (uint32_t number = 1; number <= MANY; number++) {
        const struct ledger_owner owner = owner_of(number);
        const struct ledger_account account = account_of(&owner);
        assert_int_equal(ledger_accounts_find(accounts, &owner), number);
        assert_int_equal(ledger_accounts_find_bytes(accounts, &account), number);
    }
}

static void many_are_found_also_when_read_again(void **state)
{
    static const uint8_t other_seed[16] = {9};
    struct ledger_accounts accounts, again;
    (void)state;
    begin(&accounts, MANY);
    finds_many(&accounts);
    size_t size = ledger_accounts_size(&accounts), each = (size - 16) / (MANY + 1);
    uint8_t *bytes = malloc(size);
    struct fields_writer writer = {bytes};
    ledger_accounts_write(&accounts, &writer);
    struct fields_reader reader = {bytes, size, false};
    assert_true(ledger_accounts_init(&again, other_seed));
    assert_true(ledger_accounts_read(&again, &reader) && fields_is_whole(&reader));
    finds_many(&again);
    ledger_accounts_finish(&again);
    memcpy(bytes + 16 + 4000 * each, bytes + 16 + 4 * each, each); // two of the same owner
    reader = (struct fields_reader){bytes, size, false};
    assert_true(ledger_accounts_init(&again, other_seed));
    assert_false(ledger_accounts_read(&again, &reader));
    ledger_accounts_finish(&again);
    ledger_accounts_finish(&accounts);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_owner_is_found_by_who_it_is),
        cmocka_unit_test(only_the_issuance_is_negative),
        cmocka_unit_test(what_is_not_well_formed_is_refused),
        cmocka_unit_test(netting_adds_what_is_of_one_pair),
        cmocka_unit_test(random_moves_are_those_of_a_table),
        cmocka_unit_test(many_are_found_also_when_read_again),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
