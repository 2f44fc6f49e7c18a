// What an account still has on the ledger keeps it from being deleted.
#include "tests/test.h"

#include "services/auth/auth.h"
#include "services/auth/handlers/belongings.h"

static Chain__Balance balance_of(Ledger__Asset__Kind kind, int64_t amount)
{
    Chain__Balance balance = CHAIN__BALANCE__INIT;
    balance.kind = kind;
    balance.amount = amount;
    return balance;
}

static void what_is_left_is_named(void **state)
{
    (void)state;
    Chain__Balance conse = balance_of(LEDGER__ASSET__KIND__CONSE, 250);
    Chain__Balance one = balance_of(LEDGER__ASSET__KIND__CARD, 1);
    Chain__Balance two = balance_of(LEDGER__ASSET__KIND__CARD, 2);
    Chain__Balance *balances[] = {&conse, &one, &two};
    Chain__Belongings left = CHAIN__BELONGINGS__INIT;
    struct err err = {0};
    left.balances = balances;
    left.n_balances = 3;
    left.payments = 1;
    assert_false(belongings_judge(&left, &err));
    assert_true(err_is(&err, BELONGINGS_LEFT));
    assert_string_equal(err.message,
                        "the account still has 250 hundredths of CONSE, 3 role cards, 1 payments for seats");
    left.n_balances = left.payments = 0;
    left.withdrawing = 3000000;
    assert_false(belongings_judge(&left, &err));
    assert_string_equal(err.message, "the account still has 3000000 lamports on their way to a wallet");
    left.withdrawing = 0;
    left.minting = 1;
    assert_false(belongings_judge(&left, &err));
    assert_string_equal(err.message, "the account still has 1 role cards on their way to a wallet");
    left.minting = 0;
    left.orders = 2;
    assert_false(belongings_judge(&left, &err));
    assert_string_equal(err.message, "the account still has 2 open orders");
}

static void who_has_nothing_may_go(void **state)
{
    (void)state;
    Chain__Balance conse = balance_of(LEDGER__ASSET__KIND__CONSE, 0), *balances[] = {&conse};
    Chain__Belongings left = CHAIN__BELONGINGS__INIT;
    struct err err = {0};
    assert_true(belongings_judge(&left, &err));
    left.balances = balances;
    left.n_balances = 1;
    assert_true(belongings_judge(&left, &err));
}

static void without_an_answer_nobody_goes(void **state)
{
    (void)state;
    struct auth auth = {.chain = "inproc://no-chain"};
    struct arena arena;
    struct err err = {0};
    arena_init(&arena, 1 << 16);
    struct rpc_call call = {.service = &auth, .arena = &arena};
    assert_false(belongings_none(&call, "01890000-0000-7000-8000-0000000000a1", &err));
    assert_true(err_is(&err, SERVICE_AWAY));
    assert_int_equal(err.retry_after_s, 1);
    assert_int_equal(atomic_load(&auth.asking), 0);
    auth.chain = NULL;
    assert_true(belongings_none(&call, "01890000-0000-7000-8000-0000000000a1", &err));
    arena_finish(&arena);
    rpc_finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_is_named),
        cmocka_unit_test(who_has_nothing_may_go),
        cmocka_unit_test(without_an_answer_nobody_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
