#include "services/chain/programs/sdk/account.h"
#include "services/chain/programs/sdk/system.h"
#include "services/chain/programs/sdk/sysvar.h"
#include "tests/test.h"

static const struct pubkey PROGRAM = {{{1}}}, STRANGER = {{{2}}};
enum { TYPE = 0x1122, LAMPORTS_PER_BYTE = 10, RENT_OVERHEAD = 128 };

void sol_memset_(void *to, uint8_t byte, uint64_t size) { memset(to, byte, size); }

const struct pubkey SYSTEM_PROGRAM = {{{0}}};

uint64_t rent_minimum(uint64_t size, uint64_t *lamports)
{
    *lamports = (RENT_OVERHEAD + size) * LAMPORTS_PER_BYTE;
    return SUCCESS;
}

// An account as the runtime lays it out: its size lies before its data.
struct laid_out {
    struct pubkey key, owner;
    uint64_t lamports, size, data[4];
    struct account account;
};

static struct account *lay_out(struct laid_out *l, uint8_t key, const struct pubkey *owner, uint64_t lamports)
{
    *l = (struct laid_out){
        .owner = *owner, .lamports = lamports, .size = sizeof l->data, .data = {TYPE, 7, 7, 7}};
    l->key.bytes[0] = key;
    l->account = (struct account){.key = &l->key,
                                  .lamports = &l->lamports,
                                  .size = l->size,
                                  .data = (uint8_t *)l->data,
                                  .owner = &l->owner};
    return &l->account;
}

static void a_rule_names_what_is_wrong(void **state)
{
    struct laid_out l;
    struct account *a = lay_out(&l, 9, &PROGRAM, 1);
    struct account_rule rule = {.flags = ACCOUNT_SIGNER | ACCOUNT_WRITABLE, .type = TYPE};
    (void)state;
    assert_int_equal(account_check(a, &rule, &PROGRAM), ERROR_MISSING_SIGNER);
    a->is_signer = true;
    assert_int_equal(account_check(a, &rule, &PROGRAM), ERROR_NOT_WRITABLE);
    a->is_writable = true;
    assert_int_equal(account_check(a, &rule, &PROGRAM), SUCCESS);
    l.data[0]++;
    assert_int_equal(account_check(a, &rule, &PROGRAM), ERROR_WRONG_ACCOUNT_TYPE);
    a->size = 7;
    assert_int_equal(account_check(a, &rule, &PROGRAM), ERROR_WRONG_ACCOUNT_TYPE);
    l.owner = STRANGER;
    assert_int_equal(account_check(a, &rule, &PROGRAM), ERROR_WRONG_OWNER);
    l.owner = SYSTEM_PROGRAM;
    assert_int_equal(account_check(a, &rule, &PROGRAM), ERROR_WRONG_OWNER);
    a->size = 0;
    assert_int_equal(account_check(a, &rule, &PROGRAM), ERROR_NOT_INITIALIZED);
    assert_int_equal(account_check(a, &(struct account_rule){.address = &STRANGER}, &PROGRAM),
                     ERROR_WRONG_PROGRAM);
}

static void an_optional_account_is_left_out_by_the_programs_address(void **state)
{
    struct laid_out l;
    struct account *a = lay_out(&l, 1, &STRANGER, 1); // PROGRAM
    struct account_rule rule = {.flags = ACCOUNT_OPTIONAL | ACCOUNT_WRITABLE};
    (void)state;
    assert_int_equal(account_check(a, &rule, &PROGRAM), SUCCESS);
    assert_int_equal(account_check(a, &rule, &STRANGER), ERROR_NOT_WRITABLE);
}

static void paying_moves_or_refuses(void **state)
{
    struct laid_out x, y;
    struct account *from = lay_out(&x, 8, &PROGRAM, 100), *to = lay_out(&y, 9, &PROGRAM, 5);
    (void)state;
    assert_int_equal(account_pay(from, to, 40), SUCCESS);
    assert_int_equal(x.lamports, 60);
    assert_int_equal(y.lamports, 45);
    assert_int_equal(account_pay(from, to, 61), ERROR_INSUFFICIENT_FUNDS);
    y.lamports = UINT64_MAX - 10;
    assert_int_equal(account_pay(from, to, 11), ERROR_OVERFLOW);
    assert_int_equal(account_pay(from, from, 60), SUCCESS);
    assert_int_equal(x.lamports, 60);
    assert_true(y.lamports == UINT64_MAX - 10);
}

static void closing_leaves_nothing_to_revive(void **state)
{
    struct laid_out x, y;
    struct account *a = lay_out(&x, 8, &PROGRAM, 100), *heir = lay_out(&y, 9, &STRANGER, 5);
    (void)state;
    assert_int_equal(account_close(a, heir), SUCCESS);
    assert_int_equal(x.lamports, 0);
    assert_int_equal(y.lamports, 105);
    assert_int_equal(x.size, 0);
    for (int i = 0; i < 4; i++) assert_int_equal(x.data[i], 0);
    assert_true(pubkey_equal(&x.owner, &SYSTEM_PROGRAM));
}

static void an_account_is_not_its_own_heir(void **state)
{
    struct laid_out x;
    struct account *a = lay_out(&x, 8, &PROGRAM, 100);
    (void)state;
    assert_int_equal(account_close(a, a), ERROR_DUPLICATE_ACCOUNT);
    assert_int_equal(x.lamports, 100);
    assert_int_equal(x.data[0], TYPE);
}

static void rent_is_all_or_nothing(void **state)
{
    struct laid_out x;
    struct account *a = lay_out(&x, 8, &PROGRAM, (RENT_OVERHEAD + 32) * LAMPORTS_PER_BYTE);
    (void)state;
    assert_int_equal(account_check_rent(a), SUCCESS);
    x.lamports--;
    assert_int_equal(account_check_rent(a), ERROR_RECIPIENT_NOT_RENT_EXEMPT);
    x.lamports = 0;
    assert_int_equal(account_check_rent(a), SUCCESS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_names_what_is_wrong),
        cmocka_unit_test(an_optional_account_is_left_out_by_the_programs_address),
        cmocka_unit_test(paying_moves_or_refuses),
        cmocka_unit_test(closing_leaves_nothing_to_revive),
        cmocka_unit_test(an_account_is_not_its_own_heir),
        cmocka_unit_test(rent_is_all_or_nothing),
    };
    return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
