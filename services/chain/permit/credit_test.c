// By credit the authority pays for one seat, and for nothing else.
#include <sodium.h>

#include "services/chain/permit/credit.h"
#include "services/chain/permit/testing/made.h"
#include "tests/test.h"

static bool compose(struct made *made, struct permit_bytes *out, struct err *err)
{
    *err = (struct err){0};
    return credit_compose(&made->terms, &made->authority, out, err);
}

static void the_authority_pays_and_nobody_else_signs(void **state)
{
    (void)state;
    struct made made = made_terms();
    struct permit_bytes bytes;
    struct solana_transaction tx;
    struct err err;
    uint8_t at;
    assert_true(compose(&made, &bytes, &err));
    assert_true(solana_transaction_parse(&tx, bytes.bytes, bytes.len, &err));
    assert_true(solana_transaction_verify(&tx, &err));
    assert_int_equal(tx.signer_count, 1);
    assert_true(solana_key_equal(&tx.keys[0], &made.terms.event.authority));
    assert_int_equal(solana_transaction_uses(&tx, 0), 2); // as the player and the authority of `reserve`
    assert_int_equal(tx.instruction_count, 4);
    assert_false(solana_transaction_find(&tx, &made.terms.account, &at)); // a wallet that somebody named
    assert_true(solana_transaction_find(&tx, &made.terms.reference, &at));
    assert_memory_equal(tx.instructions[3].data, made.terms.memo, strlen(made.terms.memo));
}

static void another_key_composes_nothing(void **state)
{
    (void)state;
    struct made made = made_terms();
    struct permit_bytes bytes;
    struct err err = {0};
    assert_false(credit_compose(&made.terms, &made.wallet, &bytes, &err));
    assert_true(err_is(&err, INTERNAL_ERROR));
}

static void terms_of_no_seat_are_refused(void **state)
{
    (void)state;
    struct made made = made_terms();
    struct permit_bytes bytes;
    struct err err;
    made.terms.not_after_s = 0;
    assert_false(compose(&made, &bytes, &err));
    made = made_terms();
    made.terms.memo = "";
    assert_false(compose(&made, &bytes, &err));
    made = made_terms();
    made.terms.reference = made.terms.event.authority; // it would be named once more
    assert_false(compose(&made, &bytes, &err));
    assert_true(err_is(&err, INTERNAL_ERROR));
}

// What a wallet is given is not of this form, nor this of that.
static void a_permit_is_another_message(void **state)
{
    (void)state;
    struct made made = made_terms();
    struct err err = {0};
    assert_true(compose(&made, &made.permit, &err));
    assert_false(permit_sign(&made.permit, &made.terms.event, &made.authority, &err));
    assert_true(err_is(&err, INTERNAL_ERROR));
    made.terms.account = made.terms.event.authority;
    assert_false(permit_compose(&made.terms, &made.permit, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_authority_pays_and_nobody_else_signs),
        cmocka_unit_test(another_key_composes_nothing),
        cmocka_unit_test(terms_of_no_seat_are_refused),
        cmocka_unit_test(a_permit_is_another_message),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
