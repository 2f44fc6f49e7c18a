// The sums of a payment, and what follows from them.
#include "services/chain/payments/testing/places.h"

// A price of 1000 is kept, another was given back, a third is on its way and a fourth was credited.
static struct payment with_everything(void)
{
    struct payment payment = seated_in(PAYMENT_LAMPORTS);
    static const enum refund_state states[] = {REFUND_DONE, REFUND_SENT, REFUND_CREDITED};
    for (int i = 0; i < 3; i++) {
        struct happening again = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
        again.receipt.id[0] = (uint8_t)(i + 2);
        happen_as(&payment, &again);
        payment.refunds[i].state = (uint8_t)states[i];
    }
    return payment;
}

static void sums_are_told_apart(void **state)
{
    (void)state;
    struct payment payment = with_everything();
    assert_int_equal(payment_received(&payment), 4 * PRICE);
    assert_int_equal(payment_refunded(&payment), PRICE);
    assert_int_equal(payment_owed(&payment), PRICE);
    assert_int_equal(payment_credited(&payment), PRICE);
    assert_true(payment_is_balanced(&payment));
}

static void what_does_not_add_up_is_noticed(void **state)
{
    (void)state;
    struct payment good = with_everything(), bad = good;
    bad.standing.kept--;
    assert_false(payment_is_balanced(&bad));
    for (int i = 0; i < 3; i++) { // a sum below zero, though all add up
        bad = good;
        bad.standing.kept += PRICE + 1;
        bad.standing.price += PRICE + 1;
        bad.refunds[i].amount = -1;
        assert_false(payment_is_balanced(&bad));
    }
    bad = good;
    bad.standing.kept -= PRICE + 1;
    bad.refunds[0].amount += PRICE + 1;
    assert_false(payment_is_balanced(&bad));
    bad = good;
    bad.standing.price--;
    assert_false(payment_is_balanced(&bad));
    bad = good;
    bad.receipts[1].class = RECEIPT_JUNK;
    assert_false(payment_is_balanced(&bad));
}

static void only_a_hold_has_something_due(void **state)
{
    (void)state;
    for (enum payment_place place = 0; place < PLACES; place++) {
        struct payment payment = payment_in(place, PAYMENT_CONSE);
        assert_int_equal(payment_due(&payment), place == PLACE_HELD ? PRICE : 0);
    }
}

static void what_is_held_or_kept_is_not_final(void **state)
{
    (void)state;
    for (enum payment_place place = 0; place < PLACES; place++) {
        struct payment payment = payment_in(place, PAYMENT_CONSE);
        bool final = place == PLACE_EXPIRED || place == PLACE_LEFT || place == PLACE_OUTSIDE;
        assert_int_equal(payment_is_final(&payment), final);
    }
    struct payment payment = seated_in(PAYMENT_LAMPORTS);
    happen(&payment, HAPPENS_REMOVED);
    assert_false(payment_is_final(&payment)); // on its way back
    payment.refunds[0].state = REFUND_DONE;
    assert_true(payment_is_final(&payment));
}

static void who_paid_and_plays_is_in_the_pot(void **state)
{
    (void)state;
    for (enum payment_place place = 0; place < PLACES; place++) {
        struct payment payment = payment_in(place, PAYMENT_CONSE);
        bool in = place == PLACE_SEATED || place == PLACE_PLAYING || place == PLACE_OVER;
        assert_int_equal(payment_in_pot(&payment), in);
    }
    struct payment left = seated_in(PAYMENT_CONSE);
    happen(&left, HAPPENS_LEFT);
    assert_int_equal(left.standing.kept, FEE);
    assert_false(payment_in_pot(&left));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_told_apart),
        cmocka_unit_test(what_does_not_add_up_is_noticed),
        cmocka_unit_test(only_a_hold_has_something_due),
        cmocka_unit_test(what_is_held_or_kept_is_not_final),
        cmocka_unit_test(who_paid_and_plays_is_in_the_pot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
