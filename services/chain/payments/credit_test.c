// Credit in LAMPORTS pays for a ticket of the authority's: it lies aside while that may come to be, is gone
// once it is final, and is there again when its money is back.
#include "services/chain/payments/credit.h"
#include "services/chain/payments/testing/places.h"

#define IS(name) CONSE__REASON__VALUE__##name

enum { AUTHORITY = 99 };

static int64_t account, aside, issued; // moved so far

static int set_up(void **state)
{
    (void)state;
    account = aside = issued = 0;
    return 0;
}

static void move_credit(const struct payment *before, const struct payment *after, int64_t won)
{
    const struct credit_moves moves = credit_moves(before, after, won);
    assert_int_equal(moves.account + moves.aside, moves.issued);
    account += moves.account;
    aside += moves.aside;
    issued += moves.issued;
}

static struct verdict do_happen(struct payment *payment, const struct happening *happening)
{
    const struct payment before = *payment;
    struct verdict verdict = happen_as(payment, happening);
    move_credit(&before, payment, 0);
    return verdict;
}

static struct verdict befalls(struct payment *payment, enum happens what)
{
    const struct happening happening = happening_of(PAYMENT_LAMPORTS, what);
    return do_happen(payment, &happening);
}

static void assert_moved(int64_t to_account, int64_t to_aside, int64_t to_all)
{
    assert_int_equal(account, to_account);
    assert_int_equal(aside, to_aside);
    assert_int_equal(issued, to_all);
}

static struct happening asked(void)
{
    struct happening ask = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAY_ASKED);
    ask.permit.account = key_of(AUTHORITY);
    ask.receipt.id[0] = 77; // a key, as each call has one
    return ask;
}

static struct happening paid(bool settled)
{
    struct happening seen = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    seen.receipt.way = RECEIPT_CREDIT;
    seen.receipt.payer = key_of(AUTHORITY);
    seen.receipt.settled = settled;
    return seen;
}

static struct payment with_credit(void)
{
    struct payment payment = payment_of(PAYMENT_LAMPORTS, PAYMENT_HELD);
    const struct happening ask = asked();
    const struct verdict verdict = do_happen(&payment, &ask);
    assert_int_equal(verdict.what, HAPPENS_CREDIT_ASKED);
    assert_int_equal(verdict.outcome, OUTCOME_PERMIT);
    assert_int_equal(verdict.follows, FOLLOWS_PERMIT | FOLLOWS_SEND);
    assert_true(payment.standing.permit.live);
    assert_int_equal(payment.standing.permit.credit, PRICE);
    return payment;
}

static struct payment seated(void)
{
    struct payment payment = with_credit();
    const struct happening seen = paid(false);
    assert_int_equal(do_happen(&payment, &seen).outcome, OUTCOME_SEAT);
    assert_moved(-PRICE, PRICE, 0);
    assert_int_equal(befalls(&payment, HAPPENS_FINALIZED).outcome, OUTCOME_SETTLE);
    assert_moved(-PRICE, 0, -PRICE);
    assert_true(payment_is_by_credit(&payment));
    return payment;
}

static void send_back(struct payment *payment)
{
    static const enum refund_moves moves[] = {REFUND_SEND, REFUND_FINISH};
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        const struct payment before = *payment;
        struct payment_change change;
        assert_true(refund_move(payment, 0, moves[i], NOW_MS, &change));
        payment_apply(payment, &change);
        move_credit(&before, payment, 0);
    }
}

static void it_is_spent_once_the_ticket_is_final(void **state)
{
    (void)state;
    const struct payment payment = seated();
    assert_false(payment.standing.permit.live);
    assert_int_equal(payment.standing.permit.credit, 0);
}

static void it_comes_back_with_the_tickets_money(void **state)
{
    (void)state;
    struct payment payment = seated();
    befalls(&payment, HAPPENS_REMOVED);
    assert_int_equal(payment.refunds[0].to, REFUND_TO_CREDIT);
    assert_int_equal(payment.refunds[0].state, REFUND_DUE);
    assert_moved(-PRICE, 0, -PRICE);
    send_back(&payment);
    assert_moved(0, 0, 0);
    assert_int_equal(payment_refunded(&payment), PRICE);
}

static void asked_again_it_pays_once(void **state)
{
    (void)state;
    struct payment payment = with_credit();
    struct happening again = asked();
    again.funds = 0; // it lies aside
    assert_int_equal(do_happen(&payment, &again).outcome, OUTCOME_KEEP);
    assert_moved(-PRICE, PRICE, 0);
    struct happening wallet = happening_of(PAYMENT_LAMPORTS, HAPPENS_PERMIT_ASKED);
    assert_int_equal(do_happen(&payment, &wallet).reason, IS(PAYMENT_IN_FLIGHT));
    const struct happening seen = paid(true);
    do_happen(&payment, &seen);
    assert_int_equal(do_happen(&payment, &again).reason, IS(ALREADY_PAID));
    assert_moved(-PRICE, 0, -PRICE);
}

static void without_a_ticket_it_comes_back_with_the_permits_end(void **state)
{
    (void)state;
    struct payment payment = with_credit();
    assert_int_equal(befalls(&payment, HAPPENS_PERMIT_DEAD).outcome, OUTCOME_PERMIT_OVER);
    assert_moved(0, 0, 0);
    assert_int_equal(payment_place(&payment), PLACE_HELD);
    payment = with_credit();
    befalls(&payment, HAPPENS_GIVEN_UP);
    assert_moved(-PRICE, PRICE, 0);
    befalls(&payment, HAPPENS_PERMIT_DEAD);
    assert_int_equal(payment_place(&payment), PLACE_LEFT);
    assert_moved(0, 0, 0);
}

static void a_fork_leaves_it_aside(void **state)
{
    (void)state;
    struct payment payment = with_credit();
    const struct happening seen = paid(false);
    do_happen(&payment, &seen);
    befalls(&payment, HAPPENS_FORKED);
    assert_int_equal(payment_place(&payment), PLACE_HELD);
    assert_moved(-PRICE, PRICE, 0);
    befalls(&payment, HAPPENS_PERMIT_DEAD);
    assert_moved(0, 0, 0);
}

static void who_gave_up_gets_it_back_by_a_refund(void **state)
{
    (void)state;
    struct payment payment = with_credit();
    const struct happening seen = paid(true);
    befalls(&payment, HAPPENS_GIVEN_UP);
    do_happen(&payment, &seen);
    assert_int_equal(payment_place(&payment), PLACE_LEFT);
    assert_moved(-PRICE, 0, -PRICE);
    send_back(&payment);
    assert_moved(0, 0, 0);
}

static void another_wallets_ticket_sets_it_free(void **state)
{
    (void)state;
    struct payment payment = with_credit();
    const struct happening seen = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    do_happen(&payment, &seen);
    assert_int_equal(payment_place(&payment), PLACE_SEATED);
    assert_moved(0, 0, 0);
}

static void a_winners_part_becomes_credit(void **state)
{
    (void)state;
    struct payment payment = seated();
    befalls(&payment, HAPPENS_LOCKED);
    befalls(&payment, HAPPENS_DONE);
    const struct payment before = payment;
    happen(&payment, HAPPENS_PAID_OUT);
    move_credit(&before, &payment, 3 * PRICE);
    assert_moved(2 * PRICE, 0, 2 * PRICE);
}

static void a_fee_is_spent_with_the_ticket_alone(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_LAMPORTS, PAYMENT_HELD);
    struct happening ask = asked();
    ask.fee = 7;
    ask.funds = PRICE + 6;
    assert_int_equal(do_happen(&payment, &ask).reason, IS(FUNDS_SHORT));
    ask.funds++;
    assert_int_equal(do_happen(&payment, &ask).outcome, OUTCOME_PERMIT);
    assert_moved(-PRICE - 7, PRICE + 7, 0);
    befalls(&payment, HAPPENS_PERMIT_DEAD);
    assert_moved(0, 0, 0);
    do_happen(&payment, &ask);
    const struct happening seen = paid(true);
    do_happen(&payment, &seen);
    assert_moved(-PRICE - 7, 0, -PRICE - 7);
    befalls(&payment, HAPPENS_REMOVED);
    send_back(&payment);
    assert_moved(-7, 0, -7);
}

static void too_little_is_refused(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_LAMPORTS, PAYMENT_HELD);
    struct happening ask = asked();
    ask.funds = PRICE - 1;
    assert_int_equal(do_happen(&payment, &ask).reason, IS(FUNDS_SHORT));
    ask.funds = PRICE;
    ask.node_healthy = false;
    assert_int_equal(do_happen(&payment, &ask).reason, IS(CLUSTER_AWAY));
    ask.tickets_full = true;
    assert_int_equal(do_happen(&payment, &ask).reason, IS(EVENT_FULL));
    ask.now_ms = START_MS + HOLD_MS;
    assert_int_equal(do_happen(&payment, &ask).reason, IS(HOLD_OVER));
    ask.payable = false;
    assert_int_equal(do_happen(&payment, &ask).reason, IS(EVENT_NOT_PAYABLE));
    assert_moved(0, 0, 0);
}

// Behind a restore: what nobody lay aside for is believed when it is final, and the account has its price.
static void a_forgotten_ticket_is_taken_of_what_the_account_has(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_LAMPORTS, PAYMENT_HELD);
    struct ticket_reading reading = {
        .node_healthy = true, .present = true, .by_credit = true, .covered = true, .slot = 5};
    assert_int_equal(receive_reading(&payment, &reading), HAPPENINGS);
    reading.finalized = true;
    reading.covered = false;
    assert_true(receive_is_stray(&payment, &reading));
    assert_int_equal(receive_reading(&payment, &reading), HAPPENINGS);
    reading.covered = true;
    assert_false(receive_is_stray(&payment, &reading));
    assert_int_equal(receive_reading(&payment, &reading), HAPPENS_PAID);
    const struct happening seen = paid(true);
    do_happen(&payment, &seen);
    assert_moved(-PRICE, 0, -PRICE);
    reading.covered = false; // it was taken
    assert_false(receive_is_stray(&payment, &reading));
    assert_int_equal(receive_reading(&payment, &reading), HAPPENINGS);
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_is_spent_once_the_ticket_is_final),
        CASE(it_comes_back_with_the_tickets_money),
        CASE(asked_again_it_pays_once),
        CASE(without_a_ticket_it_comes_back_with_the_permits_end),
        CASE(a_fork_leaves_it_aside),
        CASE(who_gave_up_gets_it_back_by_a_refund),
        CASE(another_wallets_ticket_sets_it_free),
        CASE(a_winners_part_becomes_credit),
        CASE(a_fee_is_spent_with_the_ticket_alone),
        CASE(too_little_is_refused),
        CASE(a_forgotten_ticket_is_taken_of_what_the_account_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
