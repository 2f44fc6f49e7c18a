// Ends while a permit lives: they wait until nothing can arrive any more, or what arrived is final.
#include "services/chain/payments/testing/places.h"

static struct verdict happen_confirmed(struct payment *payment)
{
    struct happening paid = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    paid.receipt.settled = false;
    return happen_as(payment, &paid);
}

struct ending {
    enum happens what;
    enum payment_end end;
    char dead;      // the place when the permit has died unused
    bool gives_way; // to a payment that arrives after all
};
static const struct ending ENDINGS[] = {
    {HAPPENS_TIME_OVER, PAYMENT_BY_TIME, 'X', true},  {HAPPENS_HOLDS_ENDED, PAYMENT_BY_LOCK, 'X', true},
    {HAPPENS_GIVEN_UP, PAYMENT_BY_OWNER, 'L', false}, {HAPPENS_LEFT, PAYMENT_BY_OWNER, 'L', false},
    {HAPPENS_REMOVED, PAYMENT_BY_GOD, 'L', false},    {HAPPENS_CALLED_OFF, PAYMENT_BY_EVENT, 'O', false},
};
enum { ENDINGS_COUNT = sizeof ENDINGS / sizeof *ENDINGS };

static struct payment ending_by(const struct ending *ending)
{
    struct payment payment = with_permit();
    char place = ending->end == PAYMENT_BY_EVENT ? 'O' : 'H';
    struct verdict verdict = happen(&payment, ending->what);
    assert_int_equal(verdict.outcome, OUTCOME_ENDING);
    assert_int_equal(verdict.follows, FOLLOWS_ENDING);
    assert_int_equal(payment.standing.end, ending->end);
    assert_int_equal(payment_letter(payment_place(&payment)), place);
    assert_false(payment_is_final(&payment));
    return payment;
}

static void an_end_waits_for_the_permit_to_die(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDINGS_COUNT; i++) {
        struct payment payment = ending_by(&ENDINGS[i]);
        struct verdict verdict = happen(&payment, HAPPENS_PERMIT_DEAD);
        assert_int_equal(verdict.follows, FOLLOWS_CLOSED);
        assert_int_equal(verdict.closed_by, ENDINGS[i].end);
        assert_int_equal(payment_letter(payment_place(&payment)), ENDINGS[i].dead);
        assert_int_equal(payment_received(&payment), 0);
        assert_true(payment_is_final(&payment));
    }
}

// A permit ends with its hold, so what arrives was paid in time; who left or was removed gets it back, when
// it is final.
static void what_arrives_meanwhile_seats_or_goes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENDINGS_COUNT; i++) {
        struct payment payment = ending_by(&ENDINGS[i]);
        struct verdict verdict = happen_confirmed(&payment);
        if (ENDINGS[i].gives_way) {
            assert_int_equal(verdict.outcome, OUTCOME_SEAT);
            assert_int_equal(payment.standing.end, PAYMENT_BY_NOBODY);
            continue;
        }
        assert_int_equal(verdict.outcome, OUTCOME_KEEP);
        verdict = happen(&payment, HAPPENS_PAID); // final
        assert_int_equal(verdict.outcome, OUTCOME_GIVE_BACK);
        assert_int_equal(verdict.follows, FOLLOWS_CLOSED | FOLLOWS_REFUND);
        assert_int_equal(verdict.closed_by, ENDINGS[i].end);
        assert_int_equal(payment_letter(payment_place(&payment)), ENDINGS[i].dead);
        assert_int_equal(payment_owed(&payment), PRICE);
        assert_int_equal(payment.standing.kept, 0);
    }
}

static void a_stronger_end_takes_the_place_of_a_weaker(void **state)
{
    (void)state;
    struct payment payment = with_permit();
    happen(&payment, HAPPENS_REMOVED);
    happen(&payment, HAPPENS_GIVEN_UP);
    assert_int_equal(payment.standing.end, PAYMENT_BY_GOD);
    happen(&payment, HAPPENS_CALLED_OFF);
    assert_int_equal(payment.standing.end, PAYMENT_BY_EVENT);
    assert_int_equal(happen(&payment, HAPPENS_PERMIT_DEAD).closed_by, PAYMENT_BY_EVENT);

    payment = with_confirmed();
    happen(&payment, HAPPENS_LEFT); // by the terms
    happen(&payment, HAPPENS_REMOVED);
    happen(&payment, HAPPENS_FINALIZED);
    assert_int_equal(payment_owed(&payment), PRICE);
}

// One permit makes one ticket: another one that is final while the first is not would be a fault.
static void two_tickets_at_once_change_nothing(void **state)
{
    (void)state;
    struct payment payment = with_confirmed();
    struct happening other = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAID);
    happen(&payment, HAPPENS_CALLED_OFF);
    other.receipt.id[0] = 2;
    assert_int_equal(happen_as(&payment, &other).outcome, OUTCOME_IMPOSSIBLE);
    assert_int_equal(payment_received(&payment), PRICE);
    assert_true(payment.standing.permit.live);
}

static void a_fork_takes_the_seat_back_to_its_hold(void **state)
{
    (void)state;
    struct payment payment = with_confirmed();
    struct verdict verdict = happen(&payment, HAPPENS_FORKED);
    assert_int_equal(verdict.follows, FOLLOWS_HELD_AGAIN);
    assert_int_equal(payment_place(&payment), PLACE_HELD);
    assert_int_equal(payment_received(&payment), 0);
    assert_int_equal(payment_due(&payment), PRICE);
    assert_int_equal(payment.receipts[0].class, RECEIPT_GONE);

    assert_int_equal(happen_confirmed(&payment).outcome, OUTCOME_SEAT); // the same bytes landed again
    assert_int_equal(payment.receipt_count, 1);
    verdict = happen(&payment, HAPPENS_FINALIZED);
    assert_int_equal(verdict.follows, FOLLOWS_SETTLED);
    assert_false(payment.standing.permit.live);
    assert_int_equal(happen(&payment, HAPPENS_FORKED).outcome, OUTCOME_IMPOSSIBLE);
}

static void a_hold_whose_seat_was_lost_ends_like_any_other(void **state)
{
    (void)state;
    struct payment payment = with_confirmed();
    happen(&payment, HAPPENS_FORKED);
    assert_int_equal(happen(&payment, HAPPENS_TIME_OVER).outcome, OUTCOME_ENDING);
    assert_int_equal(happen(&payment, HAPPENS_PERMIT_DEAD).follows, FOLLOWS_CLOSED);
    assert_int_equal(payment_place(&payment), PLACE_EXPIRED);
}

// A restore may have forgotten the permit.
static void a_ticket_that_is_not_final_is_waited_for_without_its_permit(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_LAMPORTS, PAYMENT_HELD);
    assert_int_equal(happen_confirmed(&payment).outcome, OUTCOME_SEAT);
    assert_int_equal(happen(&payment, HAPPENS_REMOVED).outcome, OUTCOME_ENDING);
    assert_int_equal(happen(&payment, HAPPENS_FORKED).outcome, OUTCOME_HOLD_AGAIN);
    happen(&payment, HAPPENS_PERMIT_DEAD);
    assert_int_equal(payment_place(&payment), PLACE_LEFT);
    assert_int_equal(given_back(&payment), 0);
}

struct leaving {
    enum happens what;
    enum payment_place place; // once it is final
    int64_t kept;
};
static const struct leaving LEAVINGS[] = {
    {HAPPENS_LEFT, PLACE_LEFT, FEE},
    {HAPPENS_REMOVED, PLACE_LEFT, 0},
    {HAPPENS_REFUND_ASKED, PLACE_LEFT, 0},
    {HAPPENS_CALLED_OFF, PLACE_OVER, 0},
};

// The terms in lamports know no fee; the sum is kept apart all the same.
static void a_seat_that_is_not_final_is_left_when_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof LEAVINGS / sizeof *LEAVINGS; i++) {
        struct payment payment = with_confirmed();
        assert_int_equal(happen(&payment, LEAVINGS[i].what).outcome, OUTCOME_ENDING);
        assert_int_equal(payment_owed(&payment), 0);
        assert_int_equal(payment.standing.kept, PRICE);
        struct verdict verdict = happen(&payment, HAPPENS_FINALIZED);
        assert_int_equal(verdict.follows, FOLLOWS_SETTLED | FOLLOWS_CLOSED | FOLLOWS_REFUND);
        assert_int_equal(payment_place(&payment), LEAVINGS[i].place);
        assert_int_equal(payment.standing.kept, LEAVINGS[i].kept);
        assert_int_equal(payment_owed(&payment), PRICE - LEAVINGS[i].kept);
    }
}

// What was asked for first counts, however long the permit lives.
static void who_asked_in_time_leaves_by_the_terms_of_then(void **state)
{
    (void)state;
    static const struct refund_terms until = {.until_ms = NOW_MS + 1};
    struct happening left = happening_of(PAYMENT_LAMPORTS, HAPPENS_LEFT);
    struct payment payment = with_confirmed();
    left.terms = &until;
    happen_as(&payment, &left);
    left.now_ms = NOW_MS + 2;
    assert_int_equal(happen_as(&payment, &left).outcome, OUTCOME_ENDING);
    happen(&payment, HAPPENS_FINALIZED);
    assert_int_equal(payment_owed(&payment), PRICE);
}

// Their ticket stays in the pot; from escape_at on they take it out all the same.
static void who_left_too_late_can_escape(void **state)
{
    (void)state;
    static const struct refund_terms until = {.until_ms = NOW_MS};
    struct happening left = happening_of(PAYMENT_LAMPORTS, HAPPENS_LEFT);
    struct payment payment = with_confirmed();
    left.terms = &until;
    happen_as(&payment, &left);
    happen(&payment, HAPPENS_FINALIZED);
    assert_int_equal(payment_place(&payment), PLACE_LEFT);
    assert_int_equal(payment.standing.kept, PRICE);
    assert_int_equal(payment.standing.withheld, 0); // it was, and is kept now
    happen(&payment, HAPPENS_ESCAPED);
    assert_int_equal(payment.standing.kept, 0);
    assert_int_equal(payment_refunded(&payment), PRICE);
}

static void a_fork_leaves_nothing_to_give_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof LEAVINGS / sizeof *LEAVINGS; i++) {
        struct payment payment = with_confirmed();
        happen(&payment, LEAVINGS[i].what);
        happen(&payment, HAPPENS_FORKED);
        assert_int_equal(payment_received(&payment), 0);
        struct verdict verdict = happen(&payment, HAPPENS_PERMIT_DEAD);
        assert_int_equal(verdict.follows, FOLLOWS_CLOSED);
        assert_int_equal(payment_place(&payment), LEAVINGS[i].place);
        assert_int_equal(given_back(&payment), 0);
        assert_true(payment_is_final(&payment));
    }
}

static void an_event_is_locked_only_with_seats_that_are_final(void **state)
{
    (void)state;
    struct payment payment = with_confirmed();
    assert_int_equal(happen(&payment, HAPPENS_LOCKED).reason, IS(PAYMENTS_SETTLING));
    assert_int_equal(payment_place(&payment), PLACE_SEATED);
    happen(&payment, HAPPENS_FINALIZED);
    assert_int_equal(happen(&payment, HAPPENS_LOCKED).outcome, OUTCOME_KEEP);
    assert_int_equal(payment_place(&payment), PLACE_PLAYING);

    payment = with_permit();
    assert_int_equal(happen(&payment, HAPPENS_LOCKED).reason, IS(HOLDS_OPEN));
    happen(&payment, HAPPENS_HOLDS_ENDED);
    assert_int_equal(happen(&payment, HAPPENS_LOCKED).reason, IS(HOLDS_OPEN)); // until the permit is dead
    happen(&payment, HAPPENS_PERMIT_DEAD);
    happen(&payment, HAPPENS_LOCKED);
    assert_int_equal(payment_place(&payment), PLACE_OUTSIDE);
}

static void a_hold_has_one_permit_at_a_time(void **state)
{
    (void)state;
    struct payment payment = with_permit();
    struct happening ask = happening_of(PAYMENT_LAMPORTS, HAPPENS_PERMIT_ASKED);
    ask.permit.last_valid_height = LAST_VALID + 10;
    assert_int_equal(happen_as(&payment, &ask).outcome, OUTCOME_KEEP); // the same account: the same permit
    assert_int_equal(payment.standing.permit.last_valid_height, LAST_VALID);
    ask.permit.account = key_of(2);
    ask.permit_left_ms = 31001;
    struct verdict verdict = happen_as(&payment, &ask);
    assert_int_equal(verdict.reason, IS(PAYMENT_IN_FLIGHT));
    assert_int_equal(verdict.retry_after_s, 32);
    struct happening pay = happening_of(PAYMENT_LAMPORTS, HAPPENS_PAY_ASKED); // nor by credit
    pay.permit.account = key_of(3);
    verdict = happen_as(&payment, &pay);
    assert_int_equal(verdict.reason, IS(PAYMENT_IN_FLIGHT));
    assert_int_equal(verdict.retry_after_s, 1);

    happen(&payment, HAPPENS_PERMIT_DEAD);
    verdict = happen_as(&payment, &ask);
    assert_int_equal(verdict.follows, FOLLOWS_PERMIT);
    assert_int_equal(payment.standing.permit.last_valid_height, LAST_VALID + 10);
}

static Conse__Reason__Value refusal_of(struct payment payment, struct happening ask)
{
    return happen_as(&payment, &ask).reason;
}

static void a_permit_is_refused_for_the_first_reason_there_is(void **state)
{
    (void)state;
    struct payment payment = payment_of(PAYMENT_LAMPORTS, PAYMENT_HELD);
    struct happening ask = happening_of(PAYMENT_LAMPORTS, HAPPENS_PERMIT_ASKED);
    assert_int_equal(refusal_of(payment_of(PAYMENT_CONSE, PAYMENT_HELD), ask), IS(PERMIT_NOT_NEEDED));
    ask.node_healthy = false;
    assert_int_equal(refusal_of(payment, ask), IS(CLUSTER_AWAY));
    assert_int_equal(happen_as(&payment, &ask).retry_after_s, 5);
    ask.account_forbidden = true;
    assert_int_equal(refusal_of(payment, ask), IS(ACCOUNT_FORBIDDEN));
    ask.now_ms = START_MS + HOLD_MS;
    assert_int_equal(refusal_of(payment, ask), IS(HOLD_OVER));
    ask.payable = false;
    assert_int_equal(refusal_of(payment, ask), IS(EVENT_NOT_PAYABLE));
}

static void bytes_are_sent_while_their_permit_lives(void **state)
{
    (void)state;
    struct payment payment = with_permit();
    struct happening give = happening_of(PAYMENT_LAMPORTS, HAPPENS_BYTES_GIVEN);
    assert_int_equal(happen_as(&payment, &give).follows, FOLLOWS_SEND);
    assert_int_equal(happen_as(&payment, &give).follows, FOLLOWS_SEND); // again
    assert_int_equal(refusal_of(payment_of(PAYMENT_CONSE, PAYMENT_HELD), give), IS(PERMIT_NOT_NEEDED));
    give.bytes_differ = true;
    assert_int_equal(happen_as(&payment, &give).reason, IS(PERMIT_MISMATCH));
    happen(&payment, HAPPENS_GIVEN_UP);
    assert_int_equal(happen_as(&payment, &give).reason, IS(HOLD_OVER));

    payment = with_permit();
    happen(&payment, HAPPENS_PERMIT_DEAD);
    assert_int_equal(happen_as(&payment, &give).reason, IS(PERMIT_DEAD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_waits_for_the_permit_to_die),
        cmocka_unit_test(what_arrives_meanwhile_seats_or_goes_back),
        cmocka_unit_test(a_stronger_end_takes_the_place_of_a_weaker),
        cmocka_unit_test(two_tickets_at_once_change_nothing),
        cmocka_unit_test(a_fork_takes_the_seat_back_to_its_hold),
        cmocka_unit_test(a_hold_whose_seat_was_lost_ends_like_any_other),
        cmocka_unit_test(a_ticket_that_is_not_final_is_waited_for_without_its_permit),
        cmocka_unit_test(a_seat_that_is_not_final_is_left_when_it_is),
        cmocka_unit_test(who_asked_in_time_leaves_by_the_terms_of_then),
        cmocka_unit_test(who_left_too_late_can_escape),
        cmocka_unit_test(a_fork_leaves_nothing_to_give_back),
        cmocka_unit_test(an_event_is_locked_only_with_seats_that_are_final),
        cmocka_unit_test(a_hold_has_one_permit_at_a_time),
        cmocka_unit_test(a_permit_is_refused_for_the_first_reason_there_is),
        cmocka_unit_test(bytes_are_sent_while_their_permit_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
