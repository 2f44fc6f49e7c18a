// What the table alone does not say: the waitlist, the clock, repetitions, flags, and who gets what back.
#include "services/chain/payments/testing/places.h"

// A ticket that is found where nothing is held: only after a restore, since a permit is dead before its hold
// is.
static void what_is_found_late_waits_for_a_place_or_goes_back(void **state)
{
    (void)state;
    struct happening found = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    found.receipt.settled = false;
    struct payment payment = payment_in(PLACE_EXPIRED, PAYMENT_LAMPORTS);
    assert_int_equal(happen_as(&payment, &found).outcome, OUTCOME_KEEP); // not before it is final
    found.receipt.settled = true;
    struct payment waiting = payment;
    struct verdict verdict = happen_as(&waiting, &found);
    assert_int_equal(verdict.outcome, OUTCOME_WAIT_PAID);
    assert_int_equal(verdict.follows, FOLLOWS_TO_FRONT);
    assert_int_equal(payment_place(&waiting), PLACE_WAITING);
    assert_int_equal(waiting.standing.kept, PRICE);
    assert_int_equal(waiting.standing.waits_until_ms, NOW_MS + 24 * 3600 * 1000);

    found.has_other = true;
    verdict = happen_as(&payment, &found);
    assert_int_equal(verdict.outcome, OUTCOME_GIVE_BACK);
    assert_int_equal(payment_owed(&payment), PRICE);
    assert_int_equal(payment.refunds[0].to, REFUND_TO_PAYER);
}

static struct payment waiting_paid(void)
{
    struct payment payment = payment_in(PLACE_EXPIRED, PAYMENT_LAMPORTS);
    struct happening found = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    happen_as(&payment, &found);
    return payment;
}

static void a_paid_place_in_the_waitlist_becomes_a_seat_or_goes_back(void **state)
{
    (void)state;
    struct payment payment = waiting_paid();
    struct verdict verdict = happen(&payment, HAPPENS_PROMOTED);
    assert_int_equal(verdict.outcome, OUTCOME_SEAT_PAID);
    assert_int_equal(verdict.follows, FOLLOWS_CONFIRMED | FOLLOWS_SETTLED);
    assert_int_equal(payment_place(&payment), PLACE_SEATED);
    assert_int_equal(payment.standing.kept, PRICE);
    assert_int_equal(payment.standing.waits_until_ms, 0);

    payment = waiting_paid();
    happen(&payment, HAPPENS_WAIT_OVER);
    assert_int_equal(payment_place(&payment), PLACE_WAITING);
    assert_int_equal(payment_owed(&payment), PRICE);
    assert_int_equal(payment.standing.waits_until_ms, 0);

    static const enum happens leaves[] = {HAPPENS_LEFT, HAPPENS_REMOVED, HAPPENS_LOCKED, HAPPENS_CALLED_OFF};
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        payment = waiting_paid();
        happen(&payment, leaves[i]);
        assert_int_equal(payment_owed(&payment), PRICE);
        assert_int_equal(payment.standing.kept, 0);
    }
}

static void what_waits_for_a_place_that_is_refused_goes_back(void **state)
{
    (void)state;
    struct payment payment = waiting_paid();
    struct verdict verdict = happen(&payment, HAPPENS_PLACE_REFUSED);
    assert_int_equal(verdict.follows, FOLLOWS_CLOSED | FOLLOWS_REFUND);
    assert_int_equal(payment_place(&payment), PLACE_EXPIRED);
    assert_int_equal(payment_owed(&payment), PRICE);
    assert_int_equal(payment.standing.waits_until_ms, 0);
    assert_int_equal(happen(&payment, HAPPENS_PLACE_REFUSED).outcome, OUTCOME_IMPOSSIBLE);
    assert_false(payment_is_final(&payment));
}

// events gave the place when chain had forgotten that it asked: the hold runs until the ticket is found.
static void a_place_that_is_given_anew_is_a_hold(void **state)
{
    (void)state;
    static const enum payment_place places[] = {PLACE_EXPIRED, PLACE_LEFT};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct payment payment = payment_in(places[i], PAYMENT_LAMPORTS);
        assert_int_equal(happen(&payment, HAPPENS_PROMOTED).follows, FOLLOWS_OPENED);
        assert_int_equal(payment_place(&payment), PLACE_HELD);
        assert_int_equal(happen(&payment, HAPPENS_PAID).outcome, OUTCOME_SEAT);
    }
}

static void what_who_left_had_to_leave_pays_for_no_place(void **state)
{
    (void)state;
    struct payment payment = seated_in(PAYMENT_CONSE);
    happen(&payment, HAPPENS_LEFT);
    assert_int_equal(payment.standing.kept, FEE);
    assert_int_equal(happen(&payment, HAPPENS_PROMOTED).outcome, OUTCOME_KEEP);
    assert_int_equal(payment_place(&payment), PLACE_LEFT);
}

static void who_waits_pays_the_price_of_the_promotion(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_CONSE, PAYMENT_WAITING);
    struct happening priced = happening_of(PAYMENT_CONSE, HAPPENS_PRICED);
    priced.price = PRICE + 5;
    happen_as(&payment, &priced);
    assert_int_equal(payment.standing.price, PRICE + 5);
    priced.what = HAPPENS_PROMOTED;
    priced.price = PRICE + 7;
    happen_as(&payment, &priced);
    assert_int_equal(payment_due(&payment), PRICE + 7);
    assert_int_equal(payment.standing.attempt, 2);
    priced.what = HAPPENS_PRICED;
    priced.price = 1;
    happen_as(&payment, &priced);
    assert_int_equal(payment_due(&payment), PRICE + 7);
}

// Who was given a place by the waitlist and let it pass gets another turn, once.
static void a_promoted_hold_that_expires_goes_to_the_end_once(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_CONSE, PAYMENT_WAITING);
    struct verdict verdict = happen(&payment, HAPPENS_PROMOTED);
    assert_int_equal(verdict.follows, FOLLOWS_OPENED);
    assert_int_equal(payment.standing.hold_ends_ms, NOW_MS + HOLD_MS);
    assert_memory_equal(&payment.standing.reference, &(struct payment_key){{9}}, PAYMENT_KEY_BYTES);
    struct happening over = happening_of(PAYMENT_CONSE, HAPPENS_TIME_OVER);
    over.now_ms = NOW_MS + HOLD_MS;
    verdict = happen_as(&payment, &over);
    assert_int_equal(verdict.follows, FOLLOWS_CLOSED | FOLLOWS_TO_END);
    assert_int_equal(payment_place(&payment), PLACE_WAITING);

    happen(&payment, HAPPENS_PROMOTED);
    verdict = happen_as(&payment, &over);
    assert_int_equal(verdict.follows, FOLLOWS_CLOSED);
    assert_int_equal(verdict.closed_by, PAYMENT_BY_TIME);
    assert_int_equal(payment_place(&payment), PLACE_EXPIRED);
}

static void a_timer_that_is_early_is_a_fault(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_CONSE, PAYMENT_HELD);
    struct happening over = happening_of(PAYMENT_CONSE, HAPPENS_TIME_OVER);
    assert_int_equal(happen_as(&payment, &over).outcome, OUTCOME_IMPOSSIBLE);
}

static void the_time_of_a_hold_in_lamports_stops_while_the_node_is_away(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_LAMPORTS, PAYMENT_HELD);
    struct happening over = happening_of(PAYMENT_LAMPORTS, HAPPENS_TIME_OVER);
    over.now_ms = LATER_MS;
    over.node_healthy = false;
    struct verdict verdict = happen_as(&payment, &over);
    assert_int_equal(verdict.what, HAPPENS_TIME_OVER_BLIND);
    assert_int_equal(payment_place(&payment), PLACE_HELD);
    over.node_healthy = true;
    happen_as(&payment, &over);
    assert_int_equal(payment_place(&payment), PLACE_EXPIRED);
}

// In the ledger a refund is part of the same append, a ticket's is a job; the refund of a lost one is due
// again.
static void refunds_go_where_the_money_came_from(void **state)
{
    (void)state;
    struct payment payment = seated_in(PAYMENT_CONSE);
    struct verdict verdict = happen(&payment, HAPPENS_REMOVED);
    assert_int_equal(verdict.follows, FOLLOWS_CLOSED | FOLLOWS_REFUND);
    assert_int_equal(verdict.closed_by, PAYMENT_BY_GOD);
    assert_int_equal(payment.refunds[0].to, REFUND_TO_ACCOUNT);
    assert_int_equal(payment.refunds[0].state, REFUND_DONE);

    payment = seated_in(PAYMENT_LAMPORTS);
    happen(&payment, HAPPENS_REMOVED);
    assert_int_equal(payment.refunds[0].to, REFUND_TO_PAYER);
    assert_int_equal(payment.refunds[0].state, REFUND_DUE);
    assert_int_equal(happen(&payment, HAPPENS_REFUND_FAILED).outcome, OUTCOME_IMPOSSIBLE); // it was not sent

    struct payment_change change;
    assert_true(refund_move(&payment, 0, REFUND_SEND, NOW_MS, &change));
    payment_apply(&payment, &change);
    verdict = happen(&payment, HAPPENS_REFUND_FAILED);
    assert_int_equal(verdict.follows, FOLLOWS_REFUND);
    assert_int_equal(payment.refunds[0].state, REFUND_DUE);
}

static void the_refund_that_failed_is_due_again_and_no_other(void **state)
{
    (void)state;
    struct payment payment = seated_in(PAYMENT_LAMPORTS);
    struct payment_change change;
    happen(&payment, HAPPENS_PAID); // a second one
    happen(&payment, HAPPENS_REMOVED);
    for (uint8_t slot = 0; slot < 2; slot++) {
        assert_true(refund_move(&payment, slot, REFUND_SEND, NOW_MS, &change));
        payment_apply(&payment, &change);
    }
    struct happening failed = happening_of(PAYMENT_LAMPORTS, HAPPENS_REFUND_FAILED);
    failed.refund = 2;
    assert_int_equal(happen_as(&payment, &failed).outcome, OUTCOME_IMPOSSIBLE);
    failed.refund = 1;
    assert_int_equal(happen_as(&payment, &failed).outcome, OUTCOME_REFUND_AGAIN);
    assert_int_equal(payment.refunds[0].state, REFUND_SENT);
    assert_int_equal(payment.refunds[1].state, REFUND_DUE);
}

static void a_debit_seats_once_whatever_is_repeated(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_CONSE, PAYMENT_HELD);
    struct verdict verdict = happen(&payment, HAPPENS_PAY_ASKED);
    assert_int_equal(verdict.follows, FOLLOWS_DEBIT | FOLLOWS_CONFIRMED | FOLLOWS_SETTLED);
    verdict = happen(&payment, HAPPENS_PAY_ASKED); // the same key
    assert_int_equal(verdict.what, HAPPENS_PAY_REPEATED);
    assert_int_equal(verdict.follows, 0);
    struct happening other = happening_of(PAYMENT_CONSE, HAPPENS_PAY_ASKED);
    other.receipt.id[0] = 7;
    verdict = happen_as(&payment, &other);
    assert_int_equal(verdict.reason, IS(ALREADY_PAID));
    assert_int_equal(payment_received(&payment), PRICE);
}

static void short_funds_are_told_last(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_CONSE, PAYMENT_HELD);
    struct happening poor = happening_of(PAYMENT_CONSE, HAPPENS_PAY_ASKED);
    poor.funds = PRICE - 1;
    assert_int_equal(happen_as(&payment, &poor).reason, IS(FUNDS_SHORT));
    happen(&payment, HAPPENS_TIME_OVER);
    assert_int_equal(happen_as(&payment, &poor).reason, IS(HOLD_OVER));
}

static void a_payment_behind_its_time_is_refused_before_the_timer_looks(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_CONSE, PAYMENT_HELD);
    struct happening pay = happening_of(PAYMENT_CONSE, HAPPENS_PAY_ASKED);
    pay.now_ms = START_MS + HOLD_MS;
    assert_int_equal(happen_as(&payment, &pay).reason, IS(HOLD_OVER));
}

// The table, the flags and the fee are independent of one another.
static void flags_are_set_beside_each_other_and_by_what_is_impossible(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_LAMPORTS, PAYMENT_HELD);
    struct happening odd = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    odd.receipt.amount = PRICE + 1;
    odd.receipt.at_ms = LATER_MS + RECEIVE_GRACE_MS;
    struct verdict verdict = happen_as(&payment, &odd);
    assert_int_equal(verdict.what, HAPPENS_PAID_OVER);
    assert_int_equal(verdict.outcome, OUTCOME_IMPOSSIBLE);
    assert_int_equal(payment.standing.flags, PAYMENT_LATE | PAYMENT_OVER);
    assert_int_equal(payment_received(&payment), 0);
    assert_int_equal(happen(&payment, HAPPENS_PAID_FOREIGN).follows, FOLLOWS_NOTE);
    assert_int_equal(payment.standing.flags, PAYMENT_LATE | PAYMENT_OVER | PAYMENT_FOREIGN);
    payment = seated_in(PAYMENT_LAMPORTS);
    happen(&payment, HAPPENS_PAID);
    assert_int_equal(payment.standing.flags, PAYMENT_DUPLICATE);
    odd.receipt.amount = PRICE - 1;
    happen_as(&payment, &odd);
    assert_int_equal(payment.standing.flags, PAYMENT_DUPLICATE | PAYMENT_LATE | PAYMENT_SHORT);
}

static void junk_is_counted_and_leaves_room_for_money(void **state)
{
    (void)state;
    struct payment payment = with_permit();
    for (int i = 0; i < 1000; i++) happen(&payment, i % 2 ? HAPPENS_JUNK : HAPPENS_PAID_FOREIGN);
    assert_int_equal(payment.standing.junk, 1000);
    assert_int_equal(payment.receipt_count, PAYMENT_JUNK_KEPT);
    assert_int_equal(payment.receipts[0].class, RECEIPT_NOTED);
    assert_int_equal(payment.receipts[1].class, RECEIPT_JUNK);
    assert_int_equal(payment.receipts[1].id[0], 1);
    struct happening paid = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    paid.receipt.class = RECEIPT_JUNK; // the class is what is decided, not what is said
    assert_int_equal(happen_as(&payment, &paid).outcome, OUTCOME_SEAT);
    assert_int_equal(payment_received(&payment), PRICE);
}

static void money_without_a_place_to_write_it_changes_nothing(void **state)
{
    (void)state;
    struct payment payment = seated_in(PAYMENT_LAMPORTS);
    struct happening again = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    for (int i = 2; i <= PAYMENT_RECEIPTS_MAX; i++) {
        again.receipt.id[0] = (uint8_t)i;
        assert_int_equal(happen_as(&payment, &again).outcome, OUTCOME_GIVE_BACK);
    }
    again.receipt.id[0] = PAYMENT_RECEIPTS_MAX + 1;
    assert_int_equal(happen_as(&payment, &again).outcome, OUTCOME_IMPOSSIBLE);
    assert_int_equal(payment.receipt_count, PAYMENT_RECEIPTS_MAX);
    assert_int_equal(payment_place(&payment), PLACE_SEATED);

    payment = seated_in(PAYMENT_LAMPORTS);
    payment.refund_count = PAYMENT_REFUNDS_MAX;
    assert_int_equal(happen(&payment, HAPPENS_REMOVED).outcome, OUTCOME_IMPOSSIBLE);
    assert_int_equal(payment.standing.kept, PRICE);
}

static void a_god_seats_without_a_payment_and_outside_the_pot(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_CONSE, PAYMENT_TAKEN);
    assert_true(payment.comp);
    assert_int_equal(payment_place(&payment), PLACE_SEATED);
    assert_false(payment_in_pot(&payment));
    assert_int_equal(happen(&payment, HAPPENS_PAY_ASKED).reason, IS(ALREADY_PAID));
    assert_int_equal(happen(&payment, HAPPENS_REFUND_ASKED).reason, IS(NOT_PAID));
    happen(&payment, HAPPENS_LOCKED);
    happen(&payment, HAPPENS_DONE);
    assert_true(payment_is_final(&payment));
}

static void a_finished_game_is_taken_back_until_its_payout(void **state)
{
    (void)state;
    struct payment payment = payment_in(PLACE_OVER, PAYMENT_CONSE), paid = payment;
    assert_false(payment_is_final(&payment));
    happen(&payment, HAPPENS_UNDONE);
    assert_int_equal(payment_refunded(&payment), PRICE);
    assert_true(payment_is_final(&payment));
    assert_int_equal(happen(&payment, HAPPENS_UNDONE).reason, IS(EVENT_OVER));

    happen(&paid, HAPPENS_PAID_OUT);
    assert_true(payment_is_final(&paid));
    assert_int_equal(happen(&paid, HAPPENS_UNDONE).reason, IS(EVENT_OVER));
    assert_int_equal(paid.standing.kept, PRICE);
}

// The fee of who left stays with the event, also when that is called off.
static void what_who_left_had_to_leave_stays(void **state)
{
    (void)state;
    struct payment payment = seated_in(PAYMENT_CONSE);
    happen(&payment, HAPPENS_LEFT);
    assert_int_equal(payment.standing.kept, FEE);
    assert_false(payment_is_final(&payment));
    struct payment off = payment;
    happen(&off, HAPPENS_CALLED_OFF);
    assert_int_equal(off.standing.kept, FEE);
    happen(&payment, HAPPENS_REFUND_ASKED); // the god lets them have it
    assert_int_equal(payment.standing.kept, 0);
    assert_int_equal(payment_refunded(&payment), PRICE);
    assert_true(payment_is_final(&payment));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found_late_waits_for_a_place_or_goes_back),
        cmocka_unit_test(a_paid_place_in_the_waitlist_becomes_a_seat_or_goes_back),
        cmocka_unit_test(what_waits_for_a_place_that_is_refused_goes_back),
        cmocka_unit_test(a_place_that_is_given_anew_is_a_hold),
        cmocka_unit_test(what_who_left_had_to_leave_pays_for_no_place),
        cmocka_unit_test(a_promoted_hold_that_expires_goes_to_the_end_once),
        cmocka_unit_test(a_timer_that_is_early_is_a_fault),
        cmocka_unit_test(the_time_of_a_hold_in_lamports_stops_while_the_node_is_away),
        cmocka_unit_test(refunds_go_where_the_money_came_from),
        cmocka_unit_test(who_waits_pays_the_price_of_the_promotion),
        cmocka_unit_test(the_refund_that_failed_is_due_again_and_no_other),
        cmocka_unit_test(a_debit_seats_once_whatever_is_repeated),
        cmocka_unit_test(short_funds_are_told_last),
        cmocka_unit_test(a_payment_behind_its_time_is_refused_before_the_timer_looks),
        cmocka_unit_test(flags_are_set_beside_each_other_and_by_what_is_impossible),
        cmocka_unit_test(junk_is_counted_and_leaves_room_for_money),
        cmocka_unit_test(money_without_a_place_to_write_it_changes_nothing),
        cmocka_unit_test(a_god_seats_without_a_payment_and_outside_the_pot),
        cmocka_unit_test(a_finished_game_is_taken_back_until_its_payout),
        cmocka_unit_test(what_who_left_had_to_leave_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
