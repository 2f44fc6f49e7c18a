// A refund on its way: each state and each move.
#include "services/chain/payments/testing/places.h"

static struct payment refunding_in(enum refund_state state)
{
    struct payment payment = seated_in(PAYMENT_LAMPORTS);
    happen(&payment, HAPPENS_REMOVED);
    payment.refunds[0].state = (uint8_t)state;
    return payment;
}

static int moved(enum refund_state from, enum refund_moves move)
{
    struct payment payment = refunding_in(from);
    struct payment_change change;
    if (!refund_move(&payment, 0, move, NOW_MS + REFUND_STUCK_MS, &change)) return -1;
    payment_apply(&payment, &change);
    assert_true(payment_is_balanced(&payment));
    return payment.refunds[0].state;
}

static void every_move_leads_where_it_should(void **state)
{
    (void)state;
    static const int expected[][5] = {
        // SEND, FAIL, FINISH, STICK, CREDIT
        [REFUND_DUE] = {REFUND_SENT, -1, REFUND_DONE, REFUND_STUCK, -1},
        [REFUND_SENT] = {REFUND_SENT, REFUND_DUE, REFUND_DONE, REFUND_STUCK, -1},
        [REFUND_DONE] = {-1, -1, -1, -1, -1},
        [REFUND_STUCK] = {REFUND_SENT, -1, REFUND_DONE, -1, REFUND_CREDITED},
        [REFUND_CREDITED] = {-1, -1, -1, -1, -1},
    };
    for (enum refund_state from = REFUND_DUE; from <= REFUND_CREDITED; from++)
        for (enum refund_moves move = REFUND_SEND; move <= REFUND_CREDIT; move++)
            assert_int_equal(moved(from, move), expected[from][move]);
}

static void it_is_stuck_after_seven_days(void **state)
{
    (void)state;
    struct payment payment = refunding_in(REFUND_SENT);
    struct payment_change change;
    assert_false(refund_move(&payment, 0, REFUND_STICK, NOW_MS + REFUND_STUCK_MS - 1, &change));
    assert_true(refund_move(&payment, 0, REFUND_STICK, NOW_MS + REFUND_STUCK_MS, &change));
}

static void credit_is_told_apart_from_what_was_sent(void **state)
{
    (void)state;
    struct payment payment = refunding_in(REFUND_STUCK);
    struct payment_change change;
    assert_true(refund_move(&payment, 0, REFUND_CREDIT, NOW_MS, &change));
    payment_apply(&payment, &change);
    assert_int_equal(payment_credited(&payment), PRICE);
    assert_int_equal(payment_refunded(&payment) + payment_owed(&payment), 0);
}

static void there_is_no_other_refund(void **state)
{
    (void)state;
    struct payment payment = refunding_in(REFUND_DUE);
    struct payment_change change;
    assert_false(refund_move(&payment, 1, REFUND_SEND, NOW_MS, &change));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_move_leads_where_it_should),
        cmocka_unit_test(it_is_stuck_after_seven_days),
        cmocka_unit_test(credit_is_told_apart_from_what_was_sent),
        cmocka_unit_test(there_is_no_other_refund),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
