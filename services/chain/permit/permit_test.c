#include <sodium.h>

#include "services/chain/permit/testing/made.h"
#include "tests/test.h"

static struct made make_signed(void)
{
    struct made made = made_terms();
    struct err err = {0};
    if (!made_sign(&made, &err)) fail_msg("%s", err.message);
    return made;
}

// As a wallet gives it back.
static struct permit_bytes given_back(const struct made *made)
{
    struct permit_bytes given = made->permit;
    struct err err;
    assert_true(solana_transaction_sign(given.bytes, given.len, &made->wallet, &err));
    return given;
}

static bool is_judged(const struct made *made, const struct permit_bytes *given, struct err *err)
{
    *err = (struct err){0};
    return permit_judge(&made->permit, given->bytes, given->len, err);
}

// ---- What is composed

static void the_wallet_pays_and_the_authority_reads(void **state)
{
    (void)state;
    const struct made made = make_signed();
    struct solana_transaction tx;
    struct err err;
    uint8_t at;
    assert_true(solana_transaction_parse(&tx, made.permit.bytes, made.permit.len, &err));
    assert_int_equal(tx.signer_count, 2);
    assert_true(solana_key_equal(&tx.keys[0], &made.terms.account));
    assert_true(solana_transaction_find(&tx, &made.terms.event.authority, &at));
    assert_false(solana_transaction_is_writable(&tx, at));
    assert_true(solana_transaction_find(&tx, &made.terms.reference, &at));
    assert_false(solana_transaction_is_signer(&tx, at) || solana_transaction_is_writable(&tx, at));
    assert_true(solana_key_equal(tx.blockhash, &made.terms.blockhash));
    assert_int_equal(tx.instruction_count, 4);
    assert_memory_equal(tx.instructions[3].data, made.terms.memo, strlen(made.terms.memo));
}

static void the_same_terms_give_the_same_bytes(void **state)
{
    (void)state;
    struct made one = make_signed(), other = make_signed();
    struct err err;
    assert_memory_equal(one.permit.bytes, other.permit.bytes, one.permit.len);
    other.terms.blockhash.bytes[0]++;
    assert_true(made_sign(&other, &err));
    assert_memory_not_equal(one.permit.bytes, other.permit.bytes, one.permit.len);
}

static uint64_t price_in(const struct made *made)
{
    struct solana_transaction tx;
    struct err err;
    uint64_t price = 0;
    assert_true(solana_transaction_parse(&tx, made->permit.bytes, made->permit.len, &err));
    for (size_t i = 0; i < sizeof price; i++) price |= (uint64_t)tx.instructions[1].data[1 + i] << 8 * i;
    return price;
}

static void the_priority_fee_has_a_cap(void **state)
{
    (void)state;
    struct made made = make_signed();
    struct err err;
    assert_int_equal(price_in(&made), 10000);
    made.terms.unit_price = UINT64_MAX;
    assert_true(made_sign(&made, &err));
    assert_int_equal(price_in(&made), PERMIT_UNIT_PRICE_MAX);
}

static void terms_that_no_permit_has_are_refused(void **state)
{
    (void)state;
    struct made made = make_signed();
    struct err err;
    made.terms.memo = "";
    assert_false(permit_compose(&made.terms, &made.permit, &err));
    made = make_signed();
    made.terms.not_after_s = 0;
    assert_false(permit_compose(&made.terms, &made.permit, &err));
    made = make_signed();
    made.terms.account = made.terms.event.authority;
    assert_false(permit_compose(&made.terms, &made.permit, &err));
    assert_true(err_is(&err, INVALID_FIELD));
}

// ---- What comes back

static void the_signed_bytes_are_taken(void **state)
{
    (void)state;
    const struct made made = make_signed();
    const struct permit_bytes given = given_back(&made);
    struct err err;
    assert_true(is_judged(&made, &given, &err));
}

static void a_missing_signature_is_refused(void **state)
{
    (void)state;
    struct made made = make_signed();
    struct err err;
    assert_false(is_judged(&made, &made.permit, &err)); // the wallet's
    assert_true(err_is(&err, PERMIT_MISMATCH));
    const struct made signed_by_us = made;
    assert_true(permit_compose(&made.terms, &made.permit, &err));
    const struct permit_bytes given = given_back(&made); // the authority's
    assert_false(is_judged(&signed_by_us, &given, &err));
    assert_true(err_is(&err, PERMIT_MISMATCH));
}

static void every_other_bit_is_refused(void **state)
{
    (void)state;
    const struct made made = make_signed();
    const struct permit_bytes given = given_back(&made);
    struct err err;
    for (size_t bit = 0; bit < given.len * 8; bit++) {
        struct permit_bytes other = given;
        other.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(is_judged(&made, &other, &err));
        assert_true(err_is(&err, MALFORMED) || err_is(&err, PERMIT_MISMATCH));
    }
    for (size_t len = 0; len < given.len; len++)
        assert_false(permit_judge(&made.permit, given.bytes, len, &err));
}

static void the_permit_of_another_wallet_is_refused(void **state)
{
    (void)state;
    const struct made made = make_signed();
    struct made other = made;
    struct err err;
    solana_signer_init(&other.wallet, (const uint8_t[32]){3});
    other.terms.account = solana_signer_key(&other.wallet);
    assert_true(made_sign(&other, &err));
    const struct permit_bytes given = given_back(&other);
    assert_true(is_judged(&other, &given, &err));
    assert_false(is_judged(&made, &given, &err));
    assert_true(err_is(&err, PERMIT_MISMATCH));
}

// ---- Who may pay

static bool is_forbidden(const struct made *made, struct solana_key account, struct solana_key own)
{
    struct permit_terms terms = made->terms;
    const struct permit_own keys = {&own, 1};
    terms.account = account;
    return permit_is_forbidden(&terms, &keys);
}

static void accounts_of_ours_and_of_no_wallet_are_forbidden(void **state)
{
    (void)state;
    const struct made made = make_signed();
    const struct permit_event *event = &made.terms.event;
    struct solana_key vault, ticket, order_two;
    struct solana_signer pool;
    solana_signer_init(&pool, (const uint8_t[32]){9});
    const struct solana_key own = solana_signer_key(&pool);
    solana_vault_address(&vault, &event->programs, &event->event);
    solana_ticket_address(&ticket, &event->programs, &event->event, &made.terms.reference);
    memset(&order_two, 0xff, sizeof order_two); // on the curve, and no secret key has it
    order_two.bytes[0] = 0xec;
    order_two.bytes[31] = 0x7f;
    const struct solana_key forbidden[] = {event->authority,
                                           event->event,
                                           vault,
                                           event->whitelist,
                                           ticket,
                                           own,
                                           event->programs.ticket,
                                           event->programs.whitelist,
                                           made.terms.reference,
                                           order_two,
                                           SOLANA_SYSTEM_PROGRAM,
                                           SOLANA_MEMO_PROGRAM,
                                           SOLANA_COMPUTE_BUDGET_PROGRAM};
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        assert_true(is_forbidden(&made, forbidden[i], own));
    assert_false(is_forbidden(&made, made.terms.account, own));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wallet_pays_and_the_authority_reads),
        cmocka_unit_test(the_same_terms_give_the_same_bytes),
        cmocka_unit_test(the_priority_fee_has_a_cap),
        cmocka_unit_test(terms_that_no_permit_has_are_refused),
        cmocka_unit_test(the_signed_bytes_are_taken),
        cmocka_unit_test(a_missing_signature_is_refused),
        cmocka_unit_test(every_other_bit_is_refused),
        cmocka_unit_test(the_permit_of_another_wallet_is_refused),
        cmocka_unit_test(accounts_of_ours_and_of_no_wallet_are_forbidden),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
