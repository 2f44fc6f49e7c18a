// What a reading of the ticket's account says, and what money is.
#include "services/chain/payments/testing/places.h"

static struct ticket_reading reading_of(bool finalized, bool present)
{
    return (struct ticket_reading){.node_healthy = true,
                                   .finalized = finalized,
                                   .present = present,
                                   .slot = 1000,
                                   .block_height = LAST_VALID + 1};
}

static enum happens read_as(struct payment payment, bool finalized, bool present)
{
    struct ticket_reading reading = reading_of(finalized, present);
    return receive_reading(&payment, &reading);
}

static struct payment after(struct payment payment, enum happens what)
{
    happen(&payment, what);
    return payment;
}

static void a_ticket_seats_when_it_is_confirmed(void **state)
{
    (void)state;
    assert_int_equal(read_as(with_permit(), false, true), HAPPENS_PAID);
    assert_int_equal(read_as(with_permit(), true, true), HAPPENS_PAID);
    assert_int_equal(read_as(after(with_permit(), HAPPENS_TIME_OVER), false, true), HAPPENS_PAID);
}

static void where_it_would_go_back_it_has_to_be_final(void **state)
{
    (void)state;
    assert_int_equal(read_as(after(with_permit(), HAPPENS_GIVEN_UP), false, true), HAPPENINGS);
    assert_int_equal(read_as(after(with_permit(), HAPPENS_GIVEN_UP), true, true), HAPPENS_PAID);
    assert_int_equal(read_as(after(with_permit(), HAPPENS_CALLED_OFF), false, true), HAPPENINGS);
    assert_int_equal(read_as(payment_in(PLACE_EXPIRED, PAYMENT_LAMPORTS), false, true), HAPPENINGS);
    assert_int_equal(read_as(payment_in(PLACE_EXPIRED, PAYMENT_LAMPORTS), true, true), HAPPENS_PAID);
}

static void the_same_ticket_is_one_payment(void **state)
{
    (void)state;
    assert_int_equal(read_as(with_confirmed(), false, true), HAPPENINGS);
    assert_int_equal(read_as(with_confirmed(), true, true), HAPPENS_FINALIZED);
    assert_int_equal(read_as(seated_in(PAYMENT_LAMPORTS), true, true), HAPPENINGS);
}

static void a_ticket_that_is_gone_was_on_a_fork_or_its_holder_escaped(void **state)
{
    (void)state;
    assert_int_equal(read_as(with_confirmed(), false, false), HAPPENS_FORKED);
    struct payment confirmed = with_confirmed();
    struct ticket_reading reading = reading_of(false, false);
    reading.slot = confirmed.receipts[0].slot; // another block of that slot
    assert_int_equal(receive_reading(&confirmed, &reading), HAPPENS_FORKED);
    assert_int_equal(read_as(seated_in(PAYMENT_LAMPORTS), false, false), HAPPENINGS);
    assert_int_equal(read_as(seated_in(PAYMENT_LAMPORTS), true, false), HAPPENS_ESCAPED);
    struct payment done = payment_in(PLACE_OVER, PAYMENT_LAMPORTS);
    assert_int_equal(read_as(done, true, false), HAPPENS_ESCAPED);
    assert_int_equal(read_as(after(done, HAPPENS_PAID_OUT), true, false), HAPPENINGS);
    // and whose money is owed has it: refund_move
    assert_int_equal(read_as(after(seated_in(PAYMENT_LAMPORTS), HAPPENS_REMOVED), true, false), HAPPENINGS);
}

static void a_permit_is_dead_by_one_finalized_state(void **state)
{
    (void)state;
    struct payment payment = with_permit();
    struct ticket_reading reading = reading_of(true, false);
    assert_int_equal(receive_reading(&payment, &reading), HAPPENS_PERMIT_DEAD);
    reading.block_height = LAST_VALID; // it may be in this very block
    assert_int_equal(receive_reading(&payment, &reading), HAPPENINGS);
    reading.block_height = LAST_VALID + 1;
    reading.finalized = false;
    assert_int_equal(receive_reading(&payment, &reading), HAPPENINGS);
    payment = payment_of(PAYMENT_LAMPORTS, PAYMENT_HELD);
    reading.finalized = true;
    assert_int_equal(receive_reading(&payment, &reading), HAPPENINGS);
}

static void absence_proves_nothing_at_a_node_that_is_away_or_behind(void **state)
{
    (void)state;
    struct payment payment = with_permit(), confirmed = with_confirmed();
    struct ticket_reading reading = reading_of(true, false);
    reading.node_healthy = false;
    assert_int_equal(receive_reading(&payment, &reading), HAPPENINGS);
    assert_int_equal(receive_reading(&confirmed, &reading), HAPPENINGS);
    reading = reading_of(false, false);
    reading.slot = 0; // before the ticket was seen
    assert_int_equal(receive_reading(&confirmed, &reading), HAPPENINGS);
    reading.finalized = true; // as a finalized state always is at first
    assert_int_equal(receive_reading(&confirmed, &reading), HAPPENINGS);
}

static void a_ticket_given_back_is_forgotten_by_the_next_hold(void **state)
{
    (void)state;
    struct payment payment = payment_in(PLACE_EXPIRED, PAYMENT_LAMPORTS);
    struct happening found = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    struct payment_change change;
    happen_as(&payment, &found);
    happen(&payment, HAPPENS_WAIT_OVER);
    assert_int_equal(read_as(payment, true, true), HAPPENINGS); // on its way back
    assert_true(refund_move(&payment, 0, REFUND_FINISH, NOW_MS, &change));
    payment_apply(&payment, &change);
    happen(&payment, HAPPENS_PROMOTED);
    happen(&payment, HAPPENS_PERMIT_ASKED);
    assert_int_equal(read_as(payment, false, true), HAPPENS_PAID);
    assert_int_equal(happen(&payment, HAPPENS_PAID).outcome, OUTCOME_SEAT);
    assert_int_equal(payment_received(&payment), 2 * PRICE);
    assert_int_equal(payment.standing.kept, PRICE);
}

// Until its end it lies there, and would be paid for once more.
static void a_ticket_that_became_credit_is_known(void **state)
{
    static const enum refund_moves moves[] = {REFUND_STICK, REFUND_CREDIT};
    (void)state;
    struct payment payment = after(seated_in(PAYMENT_LAMPORTS), HAPPENS_CALLED_OFF);
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        struct payment_change change;
        assert_true(refund_move(&payment, 0, moves[i], NOW_MS + REFUND_STUCK_MS, &change));
        payment_apply(&payment, &change);
    }
    assert_int_equal(payment_credited(&payment), PRICE);
    assert_int_equal(read_as(payment, true, true), HAPPENINGS);
    assert_int_equal(read_as(payment, true, false), HAPPENINGS);
}

static enum happens class_of(struct payment payment, int64_t amount, int64_t at_ms)
{
    struct happening paid = happening_of((enum payment_currency)payment.currency, HAPPENS_PAID);
    paid.receipt.amount = amount;
    paid.receipt.at_ms = at_ms;
    return receive_class(&payment, &paid);
}

static void money_is_classed_by_amount_and_time(void **state)
{
    (void)state;
    int64_t in_time = START_MS + HOLD_MS + RECEIVE_GRACE_MS;
    assert_int_equal(class_of(with_permit(), PRICE, in_time), HAPPENS_PAID);
    assert_int_equal(class_of(with_permit(), PRICE, in_time + 1), HAPPENS_PAID_LATE);
    assert_int_equal(class_of(with_permit(), PRICE - 1, NOW_MS), HAPPENS_PAID_SHORT);
    assert_int_equal(class_of(with_permit(), PRICE + 1, NOW_MS), HAPPENS_PAID_OVER);
    assert_int_equal(class_of(seated_in(PAYMENT_LAMPORTS), PRICE, NOW_MS), HAPPENS_PAID_AGAIN);
    assert_int_equal(class_of(payment_of(PAYMENT_LAMPORTS, PAYMENT_WAITING), PRICE, in_time + 1),
                     HAPPENS_PAID);
    struct payment payment = with_permit();
    struct happening paid = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    paid.by_linked_wallet = false;
    assert_int_equal(receive_class(&payment, &paid), HAPPENS_PAID_BY_OTHER);
}

// Clocks of cluster and service may differ by anything.
static void a_permit_ends_with_its_hold_by_the_clusters_clock(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_LAMPORTS, PAYMENT_HELD);
    int64_t cluster_ms = NOW_MS + 7000000;
    struct happening ask = happening_of(PAYMENT_LAMPORTS, HAPPENS_PERMIT_ASKED);
    ask.permit.not_after_ms = permit_until_ms(&payment, NOW_MS, cluster_ms);
    assert_int_equal(ask.permit.not_after_ms - cluster_ms, START_MS + HOLD_MS - NOW_MS);
    happen_as(&payment, &ask);
    int64_t last = ask.permit.not_after_ms;
    assert_int_equal(class_of(payment, PRICE, last), HAPPENS_PAID);
    assert_int_equal(class_of(payment, PRICE, last + RECEIVE_GRACE_MS + 1), HAPPENS_PAID_LATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ticket_seats_when_it_is_confirmed),
        cmocka_unit_test(where_it_would_go_back_it_has_to_be_final),
        cmocka_unit_test(the_same_ticket_is_one_payment),
        cmocka_unit_test(a_ticket_that_is_gone_was_on_a_fork_or_its_holder_escaped),
        cmocka_unit_test(a_permit_is_dead_by_one_finalized_state),
        cmocka_unit_test(absence_proves_nothing_at_a_node_that_is_away_or_behind),
        cmocka_unit_test(a_ticket_given_back_is_forgotten_by_the_next_hold),
        cmocka_unit_test(a_ticket_that_became_credit_is_known),
        cmocka_unit_test(money_is_classed_by_amount_and_time),
        cmocka_unit_test(a_permit_ends_with_its_hold_by_the_clusters_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
