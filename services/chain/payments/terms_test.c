// Terms that an event may have, and what who leaves gets back by them.
#include "services/chain/payments/terms.h"
#include "tests/test.h"

enum { PRICE = 1000, UNTIL_MS = 5000 };

static void the_default_is_fine_in_both_currencies(void **state)
{
    (void)state;
    struct payment_terms terms = terms_default();
    struct err err;
    assert_true(terms_check(&terms, PAYMENT_CONSE, PRICE, &err));
    assert_true(terms_check(&terms, PAYMENT_LAMPORTS, PRICE, &err));
    assert_int_equal(terms.hold_ms, 15 * 60 * 1000);
    assert_int_equal(refund_terms_back(&terms.refund, PRICE, INT64_MAX), PRICE);
}

static void the_bounds_themselves_are_fine(void **state)
{
    (void)state;
    static const struct payment_terms fine[] = {
        {.hold_ms = TERMS_HOLD_MIN_MS, .payout_after_ms = TERMS_PAYOUT_AFTER_MAX_MS},
        {.hold_ms = TERMS_HOLD_MAX_MS, .refund = {.fee = PRICE}, .pot = {.tax = TERMS_PRESETS - 1}},
        {.hold_ms = TERMS_HOLD_MS, .pot = {POT_BASIS_POINTS, TERMS_WHOLE_BP, TERMS_WHOLE_BP}},
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        struct err err;
        assert_true(terms_check(&fine[i], PAYMENT_CONSE, PRICE, &err));
    }
}

static void terms_out_of_bounds_name_their_field(void **state)
{
    (void)state;
    static const struct {
        struct payment_terms terms;
        const char *field;
    } wrong[] = {
        {{.hold_ms = TERMS_HOLD_MIN_MS - 1}, "terms.hold"},
        {{.hold_ms = TERMS_HOLD_MAX_MS + 1}, "terms.hold"},
        {{.hold_ms = TERMS_HOLD_MS, .payout_after_ms = -1}, "terms.payout_after"},
        {{.hold_ms = TERMS_HOLD_MS, .payout_after_ms = TERMS_PAYOUT_AFTER_MAX_MS + 1}, "terms.payout_after"},
        {{.hold_ms = TERMS_HOLD_MS, .refund = {.until_ms = -1}}, "terms.refund.until"},
        {{.hold_ms = TERMS_HOLD_MS, .refund = {.fee = -1}}, "terms.refund.fee"},
        {{.hold_ms = TERMS_HOLD_MS, .refund = {.fee = PRICE + 1}}, "terms.refund.fee"},
        {{.hold_ms = TERMS_HOLD_MS, .pot = {.tax = TERMS_PRESETS}}, "terms.payout.preset"},
        {{.hold_ms = TERMS_HOLD_MS, .pot = {POT_BASIS_POINTS, TERMS_WHOLE_BP + 1, 0}}, "terms.payout.tax_bp"},
        {{.hold_ms = TERMS_HOLD_MS, .pot = {.god_bp = TERMS_WHOLE_BP + 1}}, "terms.payout.god_bp"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err err;
        assert_false(terms_check(&wrong[i].terms, PAYMENT_CONSE, PRICE, &err));
        assert_int_equal(err.reason, IS(INVALID_FIELD));
        assert_string_equal(err.field, wrong[i].field);
    }
}

static void tickets_go_back_as_a_whole(void **state)
{
    (void)state;
    struct payment_terms terms = terms_default();
    struct err err;
    terms.refund.fee = 1;
    assert_true(terms_check(&terms, PAYMENT_CONSE, PRICE, &err));
    assert_false(terms_check(&terms, PAYMENT_LAMPORTS, PRICE, &err));
    assert_string_equal(err.field, "terms.refund.fee");
}

static void who_leaves_gets_it_back_in_time_less_the_fee(void **state)
{
    (void)state;
    struct refund_terms until = {.until_ms = UNTIL_MS}, fee = {.fee = 100}, both = {UNTIL_MS, 100};
    assert_int_equal(refund_terms_back(&until, PRICE, UNTIL_MS - 1), PRICE);
    assert_int_equal(refund_terms_back(&until, PRICE, UNTIL_MS), 0);
    assert_int_equal(refund_terms_back(&fee, PRICE, INT64_MAX), PRICE - 100);
    assert_int_equal(refund_terms_back(&fee, 60, 0), 0);
    assert_int_equal(refund_terms_back(&both, PRICE, 0), PRICE - 100);
    assert_int_equal(refund_terms_back(&both, PRICE, UNTIL_MS), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_fine_in_both_currencies),
        cmocka_unit_test(the_bounds_themselves_are_fine),
        cmocka_unit_test(terms_out_of_bounds_name_their_field),
        cmocka_unit_test(tickets_go_back_as_a_whole),
        cmocka_unit_test(who_leaves_gets_it_back_in_time_less_the_fee),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
